package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.Octet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The models of a JVM: each is prepared by the first task that needs it, and shared by all tasks until the
 * JVM ends or its files are others. One Octet for each engine that is asked for and number of threads.
 */
final class ExecutorModels {
  private static final Map<OctetKey, Octet> OCTETS = new ConcurrentHashMap<>();
  private static final Map<ModelKey, ModelSlot<?>> MODELS = new ConcurrentHashMap<>();

  private record OctetKey(Optional<Engine> engine, int threads) {}

  private record ModelKey(ModelSpec<?> spec, int threads) {}

  private ExecutorModels() {}

  /**
   * A model for the running task, to its end.
   *
   * @param spec what it is
   */
  static <M> ModelSlot.Lease<M> ofTask(ModelSpec<M> spec) {
    TaskContext task = TaskContext.get();
    ModelSlot.Lease<M> lease = of(spec, task.cpus());
    task.addTaskCompletionListener((TaskCompletionListener) ended -> lease.release().run());
    return lease;
  }

  /**
   * A model, to be given back.
   *
   * @param spec what it is
   * @param threads as many as a task has cores
   */
  @SuppressWarnings("unchecked") // a spec has one type of models
  static <M> ModelSlot.Lease<M> of(ModelSpec<M> spec, int threads) {
    return ((ModelSlot<M>) MODELS.computeIfAbsent(new ModelKey(spec, threads), key -> new ModelSlot<>(spec,
        octet(Optional.ofNullable(spec.engine()), threads), threads))).lease();
  }

  private static Octet octet(Optional<Engine> engine, int threads) {
    return OCTETS.computeIfAbsent(new OctetKey(engine, threads),
        key -> Octet.builder().engine(engine.orElse(null)).threads(threads).open());
  }
}

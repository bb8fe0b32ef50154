package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The models of a JVM: each is prepared by the first task that needs it, and shared by all tasks until the
 * JVM ends. One Octet for each engine that is asked for and number of threads.
 */
final class ExecutorModels {
  private static final Map<OctetKey, Octet> OCTETS = new ConcurrentHashMap<>();
  private static final Map<ModelKey, Prepared<?>> MODELS = new ConcurrentHashMap<>();

  private record OctetKey(Optional<Engine> engine, int threads) {}

  private record ModelKey(ModelSpec<?> spec, int threads) {}

  /**
   * A model that is ready.
   *
   * @param model runs on the thread of its caller, and on helpers where a task has several cores
   * @param engine that it runs on
   */
  record Prepared<M>(M model, Engine engine) {}

  private ExecutorModels() {}

  /**
   * A model.
   *
   * @param spec what it is
   * @param threads as many as a task has cores
   */
  @SuppressWarnings("unchecked") // a spec has one type of models
  static <M> Prepared<M> of(ModelSpec<M> spec, int threads) {
    return (Prepared<M>) MODELS.computeIfAbsent(new ModelKey(spec, threads), key -> {
      Octet octet = octet(Optional.ofNullable(spec.engine()), threads);
      return new Prepared<>(spec.prepare(octet, threads), engine(octet));
    });
  }

  private static Octet octet(Optional<Engine> engine, int threads) {
    return OCTETS.computeIfAbsent(new OctetKey(engine, threads),
        key -> Octet.builder().engine(engine.orElse(null)).threads(threads).open());
  }

  private static Engine engine(Octet octet) {
    return octet.engines().stream().filter(EngineStatus::available).findFirst().orElseThrow().engine();
  }
}

package dev.octet;

import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Engines;
import dev.octet.op.BatchMatMul;
import dev.octet.op.Conv2d;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.MatMul;
import dev.octet.op.WeightOnlyMatMul;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The entry: picks an engine, owns the threads, makes the ops. Safe for any number of threads. An application
 * opens one and hands it to the libraries that it uses.
 *
 * {@snippet :
 * try (Octet octet = Octet.open(); Arena arena = Arena.ofConfined()) {
 *   MatMul layer = octet.matMul()
 *       .input(U8, perTensor(0.02f, 128))
 *       .weights(w, IN_OUT)
 *       .output(S8, perTensor(0.05f, 0))
 *       .relu()
 *       .prepare();
 *   layer.run(x, y, 128);
 * }
 * }
 */
public final class Octet implements AutoCloseable {
  private final Dispatch dispatch;

  private Octet(Dispatch dispatch) {
    this.dispatch = dispatch;
  }

  /**
   * Opens with the properties {@code octet.engine} (auto, scalar, vector, native, onednn), {@code octet.isa}
   * and {@code octet.threads}; without them the fastest engine that is exact here, and as many threads as
   * there are processors.
   *
   * @return an Octet; close it to stop its threads and free what its ops hold
   * @throws IllegalArgumentException if a property has an unknown value
   * @throws UnsupportedOperationException if the engine named by the property cannot run here, with the cause
   */
  public static Octet open() {
    return builder().open();
  }

  /**
   * Opens with choices of the program; what is not chosen comes from the properties, see {@link #open()}.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Product of 8-bit rows with fixed weights.
   *
   * @return a builder
   */
  public MatMul.Builder matMul() {
    return new MatMul.Builder(dispatch);
  }

  /**
   * Product of float rows, quantized to 8 bits on the fly, with fixed weights of 8 or 4 bits.
   *
   * @return a builder
   */
  public DynamicMatMul.Builder dynamicMatMul() {
    return new DynamicMatMul.Builder(dispatch);
  }

  /**
   * Product of float rows with fixed weights of 8 or 4 bits in float arithmetic.
   *
   * @return a builder
   */
  public WeightOnlyMatMul.Builder weightOnlyMatMul() {
    return new WeightOnlyMatMul.Builder(dispatch);
  }

  /**
   * Products of two 8-bit operands that both come with the run.
   *
   * @return a builder
   */
  public BatchMatMul.Builder batchMatMul() {
    return new BatchMatMul.Builder(dispatch);
  }

  /**
   * Convolution of 8-bit images with fixed weights.
   *
   * @return a builder
   */
  public Conv2d.Builder conv2d() {
    return new Conv2d.Builder(dispatch);
  }

  /**
   * Every engine, and why it is used or not.
   *
   * @return one status an engine, in the order of preference
   */
  public List<EngineStatus> engines() {
    return dispatch.statuses();
  }

  /**
   * The same as text, and the ops that an engine refused.
   *
   * @return some lines, for a person
   */
  public String report() {
    return Engines.report(dispatch);
  }

  /**
   * Refuses new runs, lets running ones finish, frees what this Octet and its ops hold, stops its threads.
   * Harmless a second time.
   */
  @Override
  public void close() {
    dispatch.close();
  }

  /** Choices before opening. */
  public static final class Builder {
    private Engine engine;
    private Isa isa;
    private int threads;
    private Executor executor;

    private Builder() {}

    /**
     * Forces an engine: it works or {@link #open} throws with the cause; an op that it lacks throws at
     * prepare().
     *
     * @param engine the engine
     * @return this
     */
    public Builder engine(Engine engine) {
      this.engine = engine;
      return this;
    }

    /**
     * Lowers the instruction set tier of native kernels.
     *
     * @param isa the highest tier to use
     * @return this
     */
    public Builder isa(Isa isa) {
      this.isa = isa;
      return this;
    }

    /**
     * The number of threads that share the work of one call, the caller included; 1: the caller alone.
     *
     * @param threads at least 1
     * @return this
     * @throws IllegalArgumentException if less than 1
     */
    public Builder threads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("threads: expected >= 1, got " + threads);
      }
      this.threads = threads;
      return this;
    }

    /**
     * Runs tiles on the caller's threads instead of an own team. A rejected task is no failure: the calling
     * thread does the work.
     *
     * @param executor runs short tasks that never wait for each other
     * @return this
     */
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    /**
     * Opens.
     *
     * @return an Octet
     * @throws IllegalArgumentException if a property has an unknown value
     * @throws UnsupportedOperationException if a forced engine cannot run here, with the cause
     */
    public Octet open() {
      return new Octet(Engines.open(engine, isa, threads, executor));
    }
  }
}

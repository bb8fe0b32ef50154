package dev.octet;

import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Engines;
import dev.octet.op.AveragePool;
import dev.octet.op.BatchMatMul;
import dev.octet.op.Binary;
import dev.octet.op.Concat;
import dev.octet.op.Conv2d;
import dev.octet.op.Dequantize;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.DynamicQuantize;
import dev.octet.op.GlobalAveragePool;
import dev.octet.op.Lookup;
import dev.octet.op.MatMul;
import dev.octet.op.MaxPool;
import dev.octet.op.PackedWeights;
import dev.octet.op.Quantize;
import dev.octet.op.Requantize;
import dev.octet.op.WeightOnlyMatMul;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.DoubleUnaryOperator;

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
   * (the highest instruction set tier to use, see {@link Isa}) and {@code octet.threads}; without them the
   * fastest engine that is exact here, every tier, and as many threads as there are processors.
   *
   * @return an Octet; close it to stop its threads and free what its ops hold
   * @throws IllegalArgumentException if a property has an unknown value
   * @throws UnsupportedOperationException if the engine named by the property cannot run here, with the cause
   */
  public static Octet open() {
    return builder().open();
  }

  /**
   * Opens with choices of the program, which go before the properties of {@link #open()}.
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
   * Real numbers to integers, with known parameters.
   *
   * @return a builder
   */
  public Quantize.Builder quantize() {
    return new Quantize.Builder(dispatch);
  }

  /**
   * Integers to real numbers.
   *
   * @return a builder
   */
  public Dequantize.Builder dequantize() {
    return new Dequantize.Builder(dispatch);
  }

  /**
   * Real numbers to U8, with parameters taken from the numbers.
   *
   * @return a builder
   */
  public DynamicQuantize.Builder dynamicQuantize() {
    return new DynamicQuantize.Builder(dispatch);
  }

  /**
   * 32-bit accumulators to 8 bits.
   *
   * @return a builder
   */
  public Requantize.Builder requantize() {
    return new Requantize.Builder(dispatch);
  }

  /**
   * 8 bits to 8 bits with other parameters: dequantize, then quantize, by a table.
   *
   * @param inputType U8 or S8
   * @param input per tensor
   * @param outputType U8 or S8
   * @param output per tensor
   * @return the op
   * @throws IllegalArgumentException if a type is not of 8 bits or a quantization does not fit
   * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
   * @throws IllegalStateException if this Octet is closed
   */
  public Lookup requantize(DataType inputType, Quantization input, DataType outputType,
      Quantization output) {
    return Lookup.requantize(dispatch, inputType, input, outputType, output);
  }

  /**
   * Begins an op on two quantized tensors, element by element.
   *
   * @param op what is done
   * @return a builder
   */
  public Binary.Builder binary(BinaryOp op) {
    return new Binary.Builder(dispatch, op);
  }

  /**
   * Begins a sum of two quantized tensors.
   *
   * @return a builder
   */
  public Binary.Builder add() {
    return binary(BinaryOp.ADD);
  }

  /**
   * Begins a difference of two quantized tensors.
   *
   * @return a builder
   */
  public Binary.Builder subtract() {
    return binary(BinaryOp.SUBTRACT);
  }

  /**
   * Begins a product of two quantized tensors, element by element.
   *
   * @return a builder
   */
  public Binary.Builder multiply() {
    return binary(BinaryOp.MULTIPLY);
  }

  /**
   * Begins the greater of two quantized tensors, element by element.
   *
   * @return a builder
   */
  public Binary.Builder maximum() {
    return binary(BinaryOp.MAXIMUM);
  }

  /**
   * Begins the lesser of two quantized tensors, element by element.
   *
   * @return a builder
   */
  public Binary.Builder minimum() {
    return binary(BinaryOp.MINIMUM);
  }

  /**
   * Begins a quotient of two quantized tensors, element by element.
   *
   * @return a builder
   */
  public Binary.Builder divide() {
    return binary(BinaryOp.DIVIDE);
  }

  /**
   * A function of 8-bit values, by a table that is built here.
   *
   * {@snippet :
   * Lookup gelu = octet.lookup(U8, qx, U8, qy, Activation.GELU);
   * Lookup leaky = octet.lookup(S8, qx, S8, qy, x -> x < 0 ? 0.01 * x : x);
   * }
   *
   * @param inputType U8 or S8
   * @param input per tensor
   * @param outputType U8 or S8
   * @param output per tensor
   * @param function from real number to real number: an {@link dev.octet.op.Activation} or any other; called
   *        256 times before this method returns
   * @return the op
   * @throws IllegalArgumentException if a type is not of 8 bits or a quantization does not fit
   * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
   * @throws IllegalStateException if this Octet is closed
   */
  public Lookup lookup(DataType inputType, Quantization input, DataType outputType, Quantization output,
      DoubleUnaryOperator function) {
    return Lookup.activation(dispatch, inputType, input, outputType, output, function);
  }

  /**
   * The mean of each window of an image.
   *
   * @return a builder
   */
  public AveragePool.Builder averagePool() {
    return new AveragePool.Builder(dispatch);
  }

  /**
   * The largest value of each window of an image.
   *
   * @return a builder
   */
  public MaxPool.Builder maxPool() {
    return new MaxPool.Builder(dispatch);
  }

  /**
   * The mean of a whole image.
   *
   * @return a builder
   */
  public GlobalAveragePool.Builder globalAveragePool() {
    return new GlobalAveragePool.Builder(dispatch);
  }

  /**
   * 8-bit tensors side by side, requantized to common parameters.
   *
   * @return a builder
   */
  public Concat.Builder concat() {
    return new Concat.Builder(dispatch);
  }

  /**
   * Packs the weights of a product once, for any number of ops and Octets.
   *
   * {@snippet :
   * PackedWeights packed = octet.pack(weights, IN_OUT);
   * packed.writeTo(path);
   * MatMul layer = octet.matMul().input(U8, q).weights(octet.map(path)).outputF32().prepare();
   * }
   *
   * @param weights a matrix; S8 or U8 with scales per tensor or per output feature, or S8, S4 or U4 per group
   *        along the input features; read now only
   * @param layout IN_OUT for {@code [K][N]}, OUT_IN for {@code [N][K]}
   * @return the packed weights, to be closed by the caller; this Octet may be closed before
   * @throws IllegalArgumentException if shape or quantization do not fit
   * @throws UnsupportedOperationException if no engine of this Octet packs them, with every engine's reason
   * @throws IllegalStateException if this Octet is closed
   */
  public PackedWeights pack(QTensor weights, WeightLayout layout) {
    return PackedWeights.pack(dispatch, weights, layout);
  }

  /**
   * Maps weights that {@link PackedWeights#writeTo} wrote. All of the file is read once, to hold it to its
   * checksum; after that the pages are shared with every process that maps it.
   *
   * <p>
   * <b>Somebody who truncates the mapped file ends this process:</b> a kernel that reads a page that is gone
   * gets a bus error, which no Java code can catch. Somebody who writes into it changes the weights unseen.
   * {@link PackedWeights#writeTo} does neither: it replaces a file. Where the file is not under the program's
   * control, use {@link #load}.
   *
   * @param path the file
   * @return the packed weights, to be closed by the caller; this Octet may be closed before
   * @throws IllegalArgumentException if it is no such file, of another version, or damaged
   * @throws UncheckedIOException if it cannot be read
   * @throws UnsupportedOperationException if no engine of this Octet reads them: they were packed for another
   *         engine or another instruction set tier
   * @throws IllegalStateException if this Octet is closed
   */
  public PackedWeights map(Path path) {
    return PackedWeights.map(dispatch, path);
  }

  /**
   * Loads weights that {@link PackedWeights#writeTo} wrote: copies the file to memory, checks it as
   * {@link #map} does, and needs it no more. Whatever becomes of the file, this process goes on; the memory
   * is not shared with other processes.
   *
   * @param path the file
   * @return the packed weights, to be closed by the caller; this Octet may be closed before
   * @throws IllegalArgumentException if it is no such file, of another version, or damaged
   * @throws UncheckedIOException if it cannot be read
   * @throws UnsupportedOperationException if no engine of this Octet reads them: they were packed for another
   *         engine or another instruction set tier
   * @throws IllegalStateException if this Octet is closed
   */
  public PackedWeights load(Path path) {
    return PackedWeights.load(dispatch, path);
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
    return dispatch.report();
  }

  /**
   * Closes this Octet and its ops: new runs and prepares throw IllegalStateException, those under way finish,
   * and the last of them frees what was held and stops the threads. Does not wait for that; by any thread;
   * harmless a second time. An Octet that is not closed is freed when it and its ops are unreachable.
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
     * Lowers the instruction set tier of native kernels. A tier that the machine lacks is no error: the
     * highest one that it has below is used, and {@link Octet#report()} says which.
     *
     * @param isa the highest tier to use
     * @return this
     */
    public Builder isa(Isa isa) {
      this.isa = isa;
      return this;
    }

    /**
     * The number of threads that share the work of one call, the caller included; 1: the caller alone. Calls
     * at the same time get less help the more they are: none where there is a caller for each processor.
     *
     * @param threads 1 to 32768
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder threads(int threads) {
      this.threads = Engines.checkThreads(threads);
      return this;
    }

    /**
     * Runs tiles on threads of the program instead of an own team. The calling thread works too and never
     * waits for a task that has not started: a busy, full or rejecting executor costs speed at most.
     *
     * @param executor runs short tasks that never wait for each other; stays open
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

package dev.octet;

import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Engines;
import dev.octet.op.AveragePool;
import dev.octet.op.BatchMatMul;
import dev.octet.op.Binary;
import dev.octet.op.Concat;
import dev.octet.op.Conv2d;
import dev.octet.op.Conv3d;
import dev.octet.op.ConvTranspose2d;
import dev.octet.op.Dequantize;
import dev.octet.op.DynamicConv2d;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.DynamicQuantize;
import dev.octet.op.Gelu;
import dev.octet.op.GlobalAveragePool;
import dev.octet.op.LayerNorm;
import dev.octet.op.Lookup;
import dev.octet.op.MatMul;
import dev.octet.op.MaxPool;
import dev.octet.op.PackedWeights;
import dev.octet.op.Pad;
import dev.octet.op.Quantize;
import dev.octet.op.Requantize;
import dev.octet.op.Resize;
import dev.octet.op.Sgemm;
import dev.octet.op.Softmax;
import dev.octet.op.TransposeImages;
import dev.octet.op.WeightOnlyMatMul;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Entry point of the library: chooses an engine, owns the worker threads and makes the ops. Safe for use by
 * multiple threads. An application opens one instance and passes it to the libraries that it uses.
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
   * Opens an Octet configured by the system properties {@code octet.engine} (auto, scalar, vector, native,
   * onednn), {@code octet.isa} (the highest instruction set tier to use, see {@link Isa}) and
   * {@code octet.threads}. The defaults are the fastest engine that is exact on this machine, the highest
   * tier of the machine, and one thread per processor.
   *
   * @return a new Octet; close it to stop its threads and to free the memory of its ops
   * @throws IllegalArgumentException if a property has an unknown value
   * @throws UnsupportedOperationException if the engine that the property names cannot run here; the cause is
   *         attached
   */
  public static Octet open() {
    return builder().open();
  }

  /**
   * Returns a builder whose settings take precedence over the system properties of {@link #open()}.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Builds a product of 8-bit rows with fixed weights.
   *
   * @return a builder
   */
  public MatMul.Builder matMul() {
    return new MatMul.Builder(dispatch);
  }

  /**
   * Builds a product of float rows, quantized to 8 bits by each run, with fixed weights of 4 to 8 bits.
   *
   * @return a builder
   */
  public DynamicMatMul.Builder dynamicMatMul() {
    return new DynamicMatMul.Builder(dispatch);
  }

  /**
   * Builds a product of float rows with fixed weights of 8 or 4 bits in float arithmetic.
   *
   * @return a builder
   */
  public WeightOnlyMatMul.Builder weightOnlyMatMul() {
    return new WeightOnlyMatMul.Builder(dispatch);
  }

  /**
   * Builds a batch of products of two 8-bit operands that are both passed to each run.
   *
   * @return a builder
   */
  public BatchMatMul.Builder batchMatMul() {
    return new BatchMatMul.Builder(dispatch);
  }

  /**
   * Builds a two-dimensional convolution of 8-bit images with fixed weights.
   *
   * @return a builder
   */
  public Conv2d.Builder conv2d() {
    return new Conv2d.Builder(dispatch);
  }

  /**
   * Builds a two-dimensional convolution of float images, quantized in each run, with fixed 8-bit weights.
   *
   * @return a builder
   */
  public DynamicConv2d.Builder dynamicConv2d() {
    return new DynamicConv2d.Builder(dispatch);
  }

  /**
   * Builds a two-dimensional transposed convolution of 8-bit images with fixed weights.
   *
   * @return a builder
   */
  public ConvTranspose2d.Builder convTranspose2d() {
    return new ConvTranspose2d.Builder(dispatch);
  }

  /**
   * Builds a three-dimensional convolution of 8-bit volumes with fixed weights.
   *
   * @return a builder
   */
  public Conv3d.Builder conv3d() {
    return new Conv3d.Builder(dispatch);
  }

  /**
   * Builds a conversion of real numbers to integers with fixed scales and zero points.
   *
   * @return a builder
   */
  public Quantize.Builder quantize() {
    return new Quantize.Builder(dispatch);
  }

  /**
   * Builds a conversion of integers to real numbers.
   *
   * @return a builder
   */
  public Dequantize.Builder dequantize() {
    return new Dequantize.Builder(dispatch);
  }

  /**
   * Builds a conversion of real numbers to U8 with scales and zero points chosen by each run from the range
   * of its numbers.
   *
   * @return a builder
   */
  public DynamicQuantize.Builder dynamicQuantize() {
    return new DynamicQuantize.Builder(dispatch);
  }

  /**
   * Builds a conversion of 32-bit accumulators to 8 bits.
   *
   * @return a builder
   */
  public Requantize.Builder requantize() {
    return new Requantize.Builder(dispatch);
  }

  /**
   * Returns a conversion of 8-bit values to another type, scale or zero point, by a table of 256 entries:
   * each value is dequantized, then quantized.
   *
   * @param inputType the input type, U8 or S8
   * @param input scale and zero point of the input, per tensor
   * @param outputType the output type, U8 or S8
   * @param output scale and zero point of the output, per tensor
   * @return the op
   * @throws IllegalArgumentException if a type is not of 8 bits, or a quantization is not per tensor, has
   *         scale 0 or a zero point outside the range of its type
   * @throws UnsupportedOperationException if no engine of this Octet offers the op; the message has every
   *         engine's reason
   * @throws IllegalStateException if this Octet is closed
   */
  public Lookup requantize(DataType inputType, Quantization input, DataType outputType,
      Quantization output) {
    return Lookup.requantize(dispatch, inputType, input, outputType, output);
  }

  /**
   * Builds an op on two quantized tensors, element by element.
   *
   * @param op what is done
   * @return a builder
   */
  public Binary.Builder binary(BinaryOp op) {
    return new Binary.Builder(dispatch, op);
  }

  /**
   * Builds a sum of two quantized tensors.
   *
   * @return a builder
   */
  public Binary.Builder add() {
    return binary(BinaryOp.ADD);
  }

  /**
   * Builds a difference of two quantized tensors.
   *
   * @return a builder
   */
  public Binary.Builder subtract() {
    return binary(BinaryOp.SUBTRACT);
  }

  /**
   * Builds a product of two quantized tensors, element by element.
   *
   * @return a builder
   */
  public Binary.Builder multiply() {
    return binary(BinaryOp.MULTIPLY);
  }

  /**
   * Builds the greater of two quantized tensors, element by element.
   *
   * @return a builder
   */
  public Binary.Builder maximum() {
    return binary(BinaryOp.MAXIMUM);
  }

  /**
   * Builds the lesser of two quantized tensors, element by element.
   *
   * @return a builder
   */
  public Binary.Builder minimum() {
    return binary(BinaryOp.MINIMUM);
  }

  /**
   * Builds a quotient of two quantized tensors, element by element.
   *
   * @return a builder
   */
  public Binary.Builder divide() {
    return binary(BinaryOp.DIVIDE);
  }

  /**
   * Returns a function of 8-bit values, by a table of 256 entries that this method builds.
   *
   * {@snippet :
   * Lookup gelu = octet.lookup(U8, qx, U8, qy, Activation.GELU);
   * Lookup leaky = octet.lookup(S8, qx, S8, qy, x -> x < 0 ? 0.01 * x : x);
   * }
   *
   * @param inputType the input type, U8 or S8
   * @param input scale and zero point of the input, per tensor
   * @param outputType the output type, U8 or S8
   * @param output scale and zero point of the output, per tensor
   * @param function maps real numbers to real numbers: an {@link dev.octet.op.Activation} or any other
   *        function; called 256 times by this method and not kept
   * @return the op
   * @throws IllegalArgumentException if a type is not of 8 bits, or a quantization is not per tensor, has
   *         scale 0 or a zero point outside the range of its type
   * @throws UnsupportedOperationException if no engine of this Octet offers the op; the message has every
   *         engine's reason
   * @throws IllegalStateException if this Octet is closed
   */
  public Lookup lookup(DataType inputType, Quantization input, DataType outputType, Quantization output,
      DoubleUnaryOperator function) {
    return Lookup.activation(dispatch, inputType, input, outputType, output, function);
  }

  /**
   * Builds a pooling that takes the mean of each window of an image.
   *
   * @return a builder
   */
  public AveragePool.Builder averagePool() {
    return new AveragePool.Builder(dispatch);
  }

  /**
   * Builds a pooling that takes the largest value of each window of an image.
   *
   * @return a builder
   */
  public MaxPool.Builder maxPool() {
    return new MaxPool.Builder(dispatch);
  }

  /**
   * Builds a pooling that takes the mean of a whole image.
   *
   * @return a builder
   */
  public GlobalAveragePool.Builder globalAveragePool() {
    return new GlobalAveragePool.Builder(dispatch);
  }

  /**
   * Builds a concatenation of 8-bit tensors, requantized to a common scale and zero point.
   *
   * @return a builder
   */
  public Concat.Builder concat() {
    return new Concat.Builder(dispatch);
  }

  /**
   * Builds a border of one value around 8-bit images.
   *
   * @return a builder
   */
  public Pad.Builder pad() {
    return new Pad.Builder(dispatch);
  }

  /**
   * Builds a resize of 8-bit images: nearest pixels or linear interpolation.
   *
   * @return a builder
   */
  public Resize.Builder resize() {
    return new Resize.Builder(dispatch);
  }

  /**
   * Builds a transposition of 8-bit images from planes to pixels, or from pixels to planes.
   *
   * @return a builder
   */
  public TransposeImages.Builder transposeImages() {
    return new TransposeImages.Builder(dispatch);
  }

  /**
   * Builds a softmax of rows of floats.
   *
   * @return a builder
   */
  public Softmax.Builder softmax() {
    return new Softmax.Builder(dispatch);
  }

  /**
   * Builds a layer norm of rows of floats.
   *
   * @return a builder
   */
  public LayerNorm.Builder layerNorm() {
    return new LayerNorm.Builder(dispatch);
  }

  /**
   * Builds products of matrices of floats.
   *
   * @return a builder
   */
  public Sgemm.Builder sgemm() {
    return new Sgemm.Builder(dispatch);
  }

  /**
   * Prepares a GELU of floats.
   *
   * @param form by the error function or the hyperbolic tangent
   * @return a new op; close it to free its memory
   * @throws UnsupportedOperationException if no engine of this Octet offers the op; the message has every
   *         engine's reason
   * @throws IllegalStateException if this Octet is closed
   */
  public Gelu gelu(GeluForm form) {
    return Gelu.prepare(dispatch, form);
  }

  /**
   * Packs the weights of a product, for use by any number of ops and Octets.
   *
   * {@snippet :
   * PackedWeights packed = octet.pack(weights, IN_OUT);
   * packed.writeTo(path);
   * MatMul layer = octet.matMul().input(U8, q).weights(octet.map(path)).outputF32().prepare();
   * }
   *
   * @param weights a matrix; S8 or U8 with scales per tensor or per output feature, or S8, S4 or U4 per group
   *        along the input features; read by this call only
   * @param layout IN_OUT for {@code [K][N]}, OUT_IN for {@code [N][K]}
   * @return the packed weights, to be closed by the caller; they outlive this Octet
   * @throws IllegalArgumentException if the shape is not a matrix, or type, layout or quantization are none
   *         of these
   * @throws UnsupportedOperationException if no engine of this Octet packs them; the message has every
   *         engine's reason
   * @throws IllegalStateException if this Octet is closed
   */
  public PackedWeights pack(QTensor weights, WeightLayout layout) {
    return PackedWeights.pack(dispatch, weights, layout);
  }

  /**
   * Packs weights in a block format, for use by any number of ops and Octets. Offered by engine NATIVE alone;
   * where it is not, ops are prepared from the tensor.
   *
   * @param weights a matrix {@code [N][K]}; read by this call only
   * @return the packed weights, to be closed by the caller; they outlive this Octet
   * @throws IllegalArgumentException if the shape is not a matrix, a dimension is 0 or exceeds 2^31 - 1, or a
   *         scale or minimum is not finite
   * @throws UnsupportedOperationException if no engine of this Octet packs them; the message has every
   *         engine's reason
   * @throws IllegalStateException if this Octet is closed
   */
  public PackedWeights pack(BlockTensor weights) {
    return PackedWeights.pack(dispatch, weights);
  }

  /**
   * Maps a file of packed weights that {@link PackedWeights#writeTo} wrote. The whole file is read once to
   * verify its checksum; after that, its pages are shared with every process that maps it.
   *
   * <p>
   * <b>Warning: truncating the mapped file terminates this process.</b> A kernel that reads a page beyond the
   * new end of the file causes a bus error, which no Java code can catch. Writing into the file changes the
   * weights without notice. {@link PackedWeights#writeTo} does neither: it replaces a file. If other programs
   * may change the file, use {@link #load}.
   *
   * @param path the path of the file
   * @return the packed weights, to be closed by the caller; they outlive this Octet
   * @throws IllegalArgumentException if the file is not one of packed weights, has another format version, or
   *         is damaged
   * @throws UncheckedIOException if the file cannot be read
   * @throws UnsupportedOperationException if no engine of this Octet reads the weights, because they were
   *         packed for another engine or another instruction set tier
   * @throws IllegalStateException if this Octet is closed
   */
  public PackedWeights map(Path path) {
    return PackedWeights.map(dispatch, path);
  }

  /**
   * Loads a file of packed weights that {@link PackedWeights#writeTo} wrote: copies it to memory and verifies
   * its checksum. Later changes of the file have no effect; the memory is not shared with other processes.
   *
   * @param path the path of the file
   * @return the packed weights, to be closed by the caller; they outlive this Octet
   * @throws IllegalArgumentException if the file is not one of packed weights, has another format version, or
   *         is damaged
   * @throws UncheckedIOException if the file cannot be read
   * @throws UnsupportedOperationException if no engine of this Octet reads the weights, because they were
   *         packed for another engine or another instruction set tier
   * @throws IllegalStateException if this Octet is closed
   */
  public PackedWeights load(Path path) {
    return PackedWeights.load(dispatch, path);
  }

  /**
   * Begins a sequence: calls that one thread makes one after the other, as models of octet-onnx do. Until
   * {@link #endSequence} this thread counts as a caller between its calls too, so that as many threads with
   * sequences as there are processors each have one, and no worker thread comes between them. Results do not
   * depend on it; a sequence by itself is helped like single calls. Sequences of a thread may lie within each
   * other: the outermost counts. Has no effect where this Octet has one thread or an executor.
   */
  public void beginSequence() {
    dispatch.beginSequence();
  }

  /**
   * Ends the sequence that this thread began last, by {@link #beginSequence}; belongs in a finally block.
   *
   * @throws IllegalStateException if this thread began none that has not ended; not where sequences have no
   *         effect
   */
  public void endSequence() {
    dispatch.endSequence();
  }

  /**
   * Returns the status of every engine: whether it is available, and why.
   *
   * @return one status per engine, in the order of preference
   */
  public List<EngineStatus> engines() {
    return dispatch.statuses();
  }

  /**
   * Returns a text for people about the engines, their status, and the ops that an engine refused.
   *
   * @return several lines of text; its form may change
   */
  public String report() {
    return dispatch.report();
  }

  /**
   * Closes this Octet and its ops. New calls of {@code run} and {@code prepare} throw IllegalStateException;
   * running ones finish, and the last of them frees the memory and stops the threads. This method does not
   * wait for them, may be called by any thread, and has no effect when called again. An Octet that is not
   * closed is freed when it and its ops are unreachable.
   */
  @Override
  public void close() {
    dispatch.close();
  }

  /** Builder for {@link Octet}. Not safe for use by multiple threads. */
  public static final class Builder {
    private @Nullable Engine engine;
    private @Nullable Isa isa;
    private int threads;
    private @Nullable Executor executor;

    private Builder() {}

    /**
     * Sets the engine that every op runs on. {@link #open} throws if it cannot run here, and an op that it
     * does not offer throws in {@code prepare()}; no other engine is used in its place.
     *
     * @param engine the engine; null for that of the system property
     * @return this
     */
    @SuppressWarnings("exports") // of an annotation, see module-info
    public Builder engine(@Nullable Engine engine) {
      this.engine = engine;
      return this;
    }

    /**
     * Sets the highest instruction set tier that native kernels may use. If the machine lacks the tier, the
     * next lower tier that it has is used, and {@link Octet#report()} names it.
     *
     * @param isa the highest tier to use; null for that of the system property
     * @return this
     */
    @SuppressWarnings("exports") // of an annotation, see module-info
    public Builder isa(@Nullable Isa isa) {
      this.isa = isa;
      return this;
    }

    /**
     * Sets the number of threads that share the work of one call, including the calling thread; with 1 the
     * calling thread works alone. Concurrent calls share the worker threads: with as many callers as
     * processors each call runs on its own thread.
     *
     * @param threads 1 to 32768
     * @return this
     * @throws IllegalArgumentException if the number is out of range
     */
    public Builder threads(int threads) {
      this.threads = Engines.checkThreads(threads);
      return this;
    }

    /**
     * Sets an executor that runs parts of a call, in place of worker threads of this Octet. The calling
     * thread works too and never waits for a task that has not started, so a busy, full or rejecting executor
     * only costs speed.
     *
     * @param executor the executor of short tasks that never wait for each other; not closed by the Octet
     * @return this
     */
    @SuppressWarnings("exports") // of an annotation, see module-info
    public Builder executor(@Nullable Executor executor) {
      this.executor = executor;
      return this;
    }

    /**
     * Opens an Octet with these settings.
     *
     * @return a new Octet; close it to stop its threads and to free the memory of its ops
     * @throws IllegalArgumentException if a property has an unknown value
     * @throws UnsupportedOperationException if the engine that was set cannot run here; the cause is attached
     */
    public Octet open() {
      return new Octet(Engines.open(engine, isa, threads, executor));
    }
  }
}

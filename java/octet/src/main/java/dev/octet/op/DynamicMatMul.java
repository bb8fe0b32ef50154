package dev.octet.op;

import dev.octet.BlockTensor;
import dev.octet.QTensor;
import dev.octet.WeightLayout;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;

/**
 * Product of float rows, which each run quantizes to 8 bits, with fixed quantized weights (W8A8, W4A8). Input
 * and output are floats; the sums are integers.
 *
 * <p>
 * With S8 or U8 weights per tensor or per channel, each row is quantized to U8 with a scale {@code sx} and
 * zero point of its own, as {@link DynamicQuantize} does per row, and
 * {@code y = f32(acc) * f32(sx * sw[c]) + bias[c]}, the result of ONNX DynamicQuantizeMatMul for that row
 * alone. With {@link Builder#perTensor()} all rows of a run have one scale and zero point: the result of ONNX
 * DynamicQuantizeMatMul, and of DynamicQuantizeLinear, MatMulInteger, Cast, Mul and Add.
 *
 * <p>
 * With S8, S4 or U4 weights per group along K, each group of a row is quantized to symmetric S8,
 * {@code sx[g] = absmax / 127} (1 if all are 0). Each group has a 32-bit accumulator; they are added in
 * ascending order of groups as {@code f = fma(f32(acc[g]), f32(sx[g] * sw[g][c]), f)}, then
 * {@code + bias[c]}.
 *
 * <p>
 * With weights in a block format ({@link BlockTensor}), each 32 elements of a row are quantized likewise. For
 * each group of weights that has a scale, in ascending order, {@code f = fma(f32(acc), f32(sx * scale), f)}
 * and, in formats with minimums, {@code f = fma(minimum, f32(sx * f32(sum of the quantized 32)), f)}; then
 * {@code + bias[c]}. Several such matrices may share their rows, see
 * {@link Builder#weights(BlockTensor, BlockTensor, BlockTensor...)}.
 *
 * <p>
 * Every engine returns the same floats. A row that holds NaN or an infinity has a scale that is not finite,
 * and its results are not finite either before a clamp.
 */
public final class DynamicMatMul extends FloatRows {
  private DynamicMatMul(Prepared<FloatMatMulKernel> prepared, int k, int n) {
    super(prepared, k, n);
  }

  /**
   * Builder for {@link DynamicMatMul}; made by {@link dev.octet.Octet#dynamicMatMul()}. Not safe for use by
   * multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final FloatRowsBuilder parts = new FloatRowsBuilder(true);
    private boolean perTensor;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#dynamicMatMul()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets the weights. They are read by {@link #prepare()}, which packs a copy.
     *
     * @param weights a matrix; S8 or U8 with scales per tensor or per output feature, or S8, S4 or U4 with
     *        scales per group of 16, 32, 64, 128 or 256 along the input features, where K need not be a
     *        multiple of the group size; any zero points
     * @param layout IN_OUT for {@code [K][N]}, OUT_IN for {@code [N][K]}
     * @return this
     * @throws IllegalArgumentException if the type, the shape, the layout or the granularity is none of
     *         these, or a dimension is 0 or exceeds 2^31 - 1
     */
    public Builder weights(QTensor weights, WeightLayout layout) {
      parts.weights(weights, layout);
      return this;
    }

    /**
     * Sets weights in a block format, as GGUF files have them. They are read by this call, which looks at all
     * scales, and by {@link #prepare()}, which packs a copy: after it the memory of the tensor may be closed.
     * Offered by engines SCALAR, VECTOR and NATIVE.
     *
     * @param weights a matrix {@code [N][K]}
     * @return this
     * @throws IllegalArgumentException if the shape is not a matrix, a dimension is 0 or exceeds 2^31 - 1, or
     *         a scale or minimum is not finite
     */
    public Builder weights(BlockTensor weights) {
      parts.weights(weights);
      return this;
    }

    /**
     * Sets several weights in block formats, for example of query, key and value, which share one
     * quantization of the rows and one run. A row of the result has the output features of the first matrix,
     * then those of the second, and so on: N is their sum, and bias and clamp are those of all. Each result
     * is what a product with its matrix alone gives. Memory as for {@link #weights(BlockTensor)}.
     *
     * @param first a matrix {@code [N1][K]}
     * @param second a matrix {@code [N2][K]}, in the same format or another
     * @param more further matrices with K columns
     * @return this
     * @throws IllegalArgumentException if a shape is not a matrix, K differs, a dimension is 0, there are
     *         more than 2^31 - 1 output features, or a scale or minimum is not finite
     */
    public Builder weights(BlockTensor first, BlockTensor second, BlockTensor... more) {
      parts.weights(first, second, more);
      return this;
    }

    /**
     * Sets weights that are packed already, by the engine that will run the op.
     *
     * @param weights S8 or U8 with scales per tensor or per output feature, S8, S4 or U4 with scales per
     *        group, or weights in a block format
     * @return this
     * @throws IllegalArgumentException if the type or the granularity is none of these
     * @throws IllegalStateException if the packed weights are closed
     */
    public Builder weights(PackedWeights weights) {
      parts.weights(weights);
      return this;
    }

    /**
     * Sets several weights in block formats that are packed already, by the engine that will run the op; see
     * {@link #weights(BlockTensor, BlockTensor, BlockTensor...)}.
     *
     * @param first weights {@code [N1][K]} in a block format
     * @param second weights {@code [N2][K]} in a block format
     * @param more further weights with the same K
     * @return this
     * @throws IllegalArgumentException if weights are not in a block format, K differs, or there are more
     *         than 2^31 - 1 output features
     * @throws IllegalStateException if packed weights are closed
     */
    public Builder weights(PackedWeights first, PackedWeights second, PackedWeights... more) {
      parts.weights(first, second, more);
      return this;
    }

    /**
     * Quantizes all rows of a run with one scale and zero point, as the operators of ONNX do; then a result
     * depends on the other rows of its run. The default is one of each row. Not offered with weights per
     * group or in a block format, nor by engine ONEDNN. A run keeps the quantized rows, a byte for each
     * element.
     *
     * @return this
     */
    public Builder perTensor() {
      this.perTensor = true;
      return this;
    }

    /**
     * Sets a bias, which is added to the result.
     *
     * @param bias N finite floats, one per output feature; copied
     * @return this
     * @throws IllegalArgumentException if a number is not finite
     */
    public Builder bias(float[] bias) {
      parts.bias(bias);
      return this;
    }

    /**
     * Clamps the result to 0 and above. Replaces any other clamp.
     *
     * @return this
     */
    public Builder relu() {
      return clamp(0, Float.POSITIVE_INFINITY);
    }

    /**
     * Clamps the result to 0 to 6. Replaces any other clamp.
     *
     * @return this
     */
    public Builder relu6() {
      return clamp(0, 6);
    }

    /**
     * Clamps the result to a range, after the bias. Replaces any other clamp.
     *
     * @param min the smallest result; may be -Infinity
     * @param max the largest result; may be Infinity
     * @return this
     * @throws IllegalArgumentException if min is greater than max, or one of them is NaN
     */
    public Builder clamp(float min, float max) {
      parts.clamp(min, max);
      return this;
    }

    /**
     * Validates the settings, chooses an engine and a kernel, and packs the weights.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing or settings do not fit each other
     *         (the message names the operand)
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public DynamicMatMul prepare() {
      if (parts.hasBlocks()) {
        BlockMatMulSpec spec = parts.blockSpec(perTensor);
        return new DynamicMatMul(dispatch.prepare("dynamicMatMul", backend -> backend.blockMatMul(spec)),
            spec.k(), spec.n());
      }
      FloatMatMulSpec spec = parts.spec(perTensor);
      return new DynamicMatMul(dispatch.prepare("dynamicMatMul", backend -> backend.dynamicMatMul(spec)),
          spec.weights().k(), spec.weights().n());
    }
  }
}

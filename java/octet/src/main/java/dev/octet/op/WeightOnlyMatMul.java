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
 * Product of float rows with fixed quantized weights in float arithmetic (W8A32, W4A32). Weights are
 * dequantized, {@code w = f32(q - zw) * sw}; activations are not quantized:
 * {@code y[rows][N] = sum over k of x[row][k] * w[k][n] + bias[n]}.
 *
 * <p>
 * With weights in a block format ({@link BlockTensor}), {@code w = f32(scale * q) + minimum}, as
 * {@link BlockTensor#dequantize} gives it.
 *
 * <p>
 * The order of a sum depends on the engine and its tier and on the number of rows of a run, not on threads,
 * so that the last bits of a row's result may differ between engines, and alone and in a batch. The error of
 * a sum is at most {@code K * 2^-23 * sum(|x * w|)}; in block formats with minimums at most
 * {@code K * 2^-23 * sum(|x| * (|scale * q| + |minimum|))}, because engines may multiply minimums by the sum
 * of a group of x. The bound is for weights, of which MXFP4 has others, and sums of magnitudes within F32,
 * and for rows with {@code 256 * sum(|x|)} within F32, because engines may scale what they have added up. A
 * row that holds NaN or an infinity has results that are not finite before a clamp. {@link DynamicMatMul} is
 * faster on many rows and has the same results on every engine, but quantizes the activations to 8 bits.
 */
public final class WeightOnlyMatMul extends FloatRows {
  private WeightOnlyMatMul(Prepared<FloatMatMulKernel> prepared, int k, int n) {
    super(prepared, k, n);
  }

  /**
   * Builder for {@link WeightOnlyMatMul}; made by {@link dev.octet.Octet#weightOnlyMatMul()}. Not safe for
   * use by multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final FloatRowsBuilder parts = new FloatRowsBuilder(false);

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#weightOnlyMatMul()}.
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
     * @param weights a matrix; S8 with scales per tensor or per output feature, or S8, S4 or U4 with scales
     *        per group of 16, 32, 64, 128 or 256 along the input features, where K need not be a multiple of
     *        the group size; any zero points
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
     * Sets weights that are packed already, by the engine that will run the op.
     *
     * @param weights S8, S4 or U4 with scales per group, or weights in a block format
     * @return this
     * @throws IllegalArgumentException if the type or the granularity is none of these
     * @throws IllegalStateException if the packed weights are closed
     */
    public Builder weights(PackedWeights weights) {
      parts.weights(weights);
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
    public WeightOnlyMatMul prepare() {
      if (parts.hasBlocks()) {
        BlockMatMulSpec spec = parts.blockSpec(false);
        return new WeightOnlyMatMul(
            dispatch.prepare("weightOnlyMatMul", backend -> backend.blockWeightOnlyMatMul(spec)),
            spec.k(), spec.n());
      }
      FloatMatMulSpec spec = parts.spec(false);
      return new WeightOnlyMatMul(
          dispatch.prepare("weightOnlyMatMul", backend -> backend.weightOnlyMatMul(spec)),
          spec.weights().k(), spec.weights().n());
    }
  }
}

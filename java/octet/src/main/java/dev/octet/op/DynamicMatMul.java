package dev.octet.op;

import dev.octet.QTensor;
import dev.octet.WeightLayout;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;

/**
 * Float rows, quantized to 8 bits on the fly, times fixed quantized weights (W8A8, W4A8): integer arithmetic
 * inside, floats outside.
 *
 * <p>
 * With S8 weights per tensor or per channel, each row becomes U8 with a scale {@code sx} and zero point of
 * its own, as {@link DynamicQuantize} makes them per row, and
 * {@code y = f32(acc) * f32(sx * sw[c]) + bias[c]}: what ONNX DynamicQuantizeMatMul makes of that row alone.
 *
 * <p>
 * With S8, S4 or U4 weights per group along K, each group of a row becomes symmetric S8,
 * {@code sx[g] = absmax / 127} (1 where all is zero); each group has a 32-bit accumulator, and they are added
 * up, first group first, as {@code f = fma(f32(acc[g]), f32(sx[g] * sw[g][c]), f)}, then {@code + bias[c]}.
 *
 * <p>
 * These are the same floats on every engine. A row that holds NaN or an infinity has a scale that is not
 * finite, and its results are not finite either before a clamp.
 */
public final class DynamicMatMul extends FloatRows {
  private DynamicMatMul(Prepared<FloatMatMulKernel> prepared, FloatMatMulSpec spec) {
    super(prepared, spec);
  }

  /** What a dynamicMatMul is to be; made by {@link dev.octet.Octet#dynamicMatMul()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private final FloatRowsBuilder parts = new FloatRowsBuilder();

    /**
     * For {@link dev.octet.Octet}.
     *
     * @param dispatch finds the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * The weights; read in {@link #prepare()} only.
     *
     * @param weights a matrix; S8 with scales per tensor or per output feature, or S8, S4 or U4 with scales
     *        per group of 32, 64 or 128 along the input features, where K need be no multiple of the group;
     *        any zero points
     * @param layout IN_OUT for {@code [K][N]}, OUT_IN for {@code [N][K]}
     * @return this
     * @throws IllegalArgumentException if type, shape or quantization do not fit
     */
    public Builder weights(QTensor weights, WeightLayout layout) {
      parts.weights(weights, layout);
      return this;
    }

    /**
     * Weights that were packed before, by the engine that will run this op.
     *
     * @param weights S8 with scales per tensor or per output feature, or S8, S4 or U4 with scales per group
     * @return this
     * @throws IllegalArgumentException if type or quantization do not fit
     * @throws IllegalStateException if they are closed
     */
    public Builder weights(PackedWeights weights) {
      parts.weights(weights);
      return this;
    }

    /**
     * A bias, added to the result.
     *
     * @param bias N finite floats; copied
     * @return this
     * @throws IllegalArgumentException if one is not finite
     */
    public Builder bias(float[] bias) {
      parts.bias(bias);
      return this;
    }

    /**
     * Clamps to 0 and above.
     *
     * @return this
     */
    public Builder relu() {
      return clamp(0, Float.POSITIVE_INFINITY);
    }

    /**
     * Clamps to 0 to 6.
     *
     * @return this
     */
    public Builder relu6() {
      return clamp(0, 6);
    }

    /**
     * Clamps the result, after the bias.
     *
     * @param min the smallest result, may be -Infinity
     * @param max the largest result, may be Infinity
     * @return this
     * @throws IllegalArgumentException if min is greater than max or one is NaN
     */
    public Builder clamp(float min, float max) {
      parts.clamp(min, max);
      return this;
    }

    /**
     * Validates, packs the weights, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if something is missing or does not fit, with the operand's name
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public DynamicMatMul prepare() {
      FloatMatMulSpec spec = parts.spec();
      return new DynamicMatMul(dispatch.prepare("dynamicMatMul", backend -> backend.dynamicMatMul(spec)),
          spec);
    }
  }
}

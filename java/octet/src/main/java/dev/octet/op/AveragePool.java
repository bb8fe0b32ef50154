package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.PoolSpec.Kind;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import org.jspecify.annotations.Nullable;

/**
 * Average pooling: the mean of each window of an 8-bit image, channel by channel:
 * {@code y = saturate(rint(f32(sum of (q - zx)) * f32(sx / f32(count * sy))) + zy)}, with an exact integer
 * sum. Windows and count are those of ONNX AveragePool: count is the number of pixels in the window, or of
 * its taps in the padded image with {@link Builder#countPadding()}. A window that covers no pixel has mean 0.
 */
public final class AveragePool extends Pool {
  private AveragePool(Prepared<PoolKernel> prepared, PoolSpec spec) {
    super(prepared, spec);
  }

  /**
   * Builder for {@link AveragePool}; made by {@link dev.octet.Octet#averagePool()}. Not safe for use by
   * multiple threads.
   */
  public static final class Builder extends PoolBuilder<Builder> {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private @Nullable ActivationSpec input;
    private boolean countPadding;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#averagePool()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the type, scale and zero point of the input images.
     *
     * @param type U8 or S8
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder input(DataType type, Quantization quantization) {
      this.input = Operands.activation("input", type, quantization);
      return this;
    }

    /**
     * Sets the type, scale and zero point of the output.
     *
     * @param type the type of the input
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder output(DataType type, Quantization quantization) {
      output.quantized(type, quantization);
      return this;
    }

    /**
     * Counts padding as pixels of value 0, as ONNX does with count_include_pad and PyTorch by default.
     *
     * @return this
     */
    public Builder countPadding() {
      this.countPadding = true;
      return this;
    }

    /**
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing, the types differ, or a combination
     *         of scales is not a normal number in binary32
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public AveragePool prepare() {
      DataType type = Operands.given("input", input).type();
      Operands.sameType("output", Operands.given("output", output.type()), "input", type);
      PoolSpec spec = new PoolSpec(Kind.AVERAGE, input, output.spec(), windowSpec(), countPadding);
      ScaleRange.quotient("input", input.scale(), 1, spec.output());
      if (countPadding) {
        long taps = (long) spec.window().kernelHeight() * spec.window().kernelWidth();
        ScaleRange.quotient("input", input.scale(), taps, spec.output());
      }
      return new AveragePool(dispatch.prepare("averagePool", backend -> backend.pool(spec)), spec);
    }
  }
}

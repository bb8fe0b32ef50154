package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.PoolSpec.Kind;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;

/**
 * The mean of each window of an 8-bit image, channel by channel:
 * {@code y = saturate(rint(f32(sum of (q - zx)) * f32(sx / f32(count * sy))) + zy)}, the sum an exact
 * integer. Windows and count are those of ONNX AveragePool; count is that of the pixels in the window, or of
 * all its taps after {@link Builder#countPadding()}. A window that covers no pixel has mean 0.
 */
public final class AveragePool extends Pool {
  private AveragePool(Prepared<PoolKernel> prepared, PoolSpec spec) {
    super(prepared, spec);
  }

  /** What an average pool is to be; made by {@link dev.octet.Octet#averagePool()}. */
  public static final class Builder extends PoolBuilder<Builder> {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private ActivationSpec input;
    private boolean countPadding;

    /**
     * For {@link dev.octet.Octet}.
     *
     * @param dispatch finds the kernel
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
     * The images.
     *
     * @param type U8 or S8
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder input(DataType type, Quantization quantization) {
      this.input = Operands.activation("input", type, quantization);
      return this;
    }

    /**
     * The means.
     *
     * @param type that of the input
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder output(DataType type, Quantization quantization) {
      output.quantized(type, quantization);
      return this;
    }

    /**
     * Counts padded taps as pixels of value 0: ONNX count_include_pad, PyTorch's default.
     *
     * @return this
     */
    public Builder countPadding() {
      this.countPadding = true;
      return this;
    }

    /**
     * Validates, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if something is missing, the types differ, or scales make a number
     *         that is no normal one in binary32
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
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

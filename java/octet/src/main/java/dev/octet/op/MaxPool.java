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
 * The largest value of each window of an 8-bit image, channel by channel, as ONNX MaxPool. Padding never
 * wins; a window that covers no pixel gives the smallest integer of the type. The result has the scale and
 * zero point of the input, whatever they are.
 */
public final class MaxPool extends Pool {
  private MaxPool(Prepared<PoolKernel> prepared, PoolSpec spec) {
    super(prepared, spec);
  }

  /** What a max pool is to be; made by {@link dev.octet.Octet#maxPool()}. */
  public static final class Builder extends PoolBuilder<Builder> {
    private final Dispatch dispatch;
    private DataType type;

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
     * The images, and so the result.
     *
     * @param type U8 or S8
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits
     */
    public Builder input(DataType type) {
      Operands.requireByte("input", type);
      this.type = type;
      return this;
    }

    /**
     * Validates, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if something is missing
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public MaxPool prepare() {
      Quantization none = Quantization.perTensor(1);
      ActivationSpec input = Operands.activation("input", Operands.given("input", type), none);
      OutputBuilder output = new OutputBuilder();
      output.quantized(type, none);
      PoolSpec spec = new PoolSpec(Kind.MAX, input, output.spec(), windowSpec(), false);
      return new MaxPool(dispatch.prepare("maxPool", backend -> backend.pool(spec)), spec);
    }
  }
}

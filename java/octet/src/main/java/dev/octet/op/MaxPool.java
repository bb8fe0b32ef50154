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
 * Max pooling: the largest value of each window of an 8-bit image, channel by channel, as ONNX MaxPool.
 * Padding is ignored; a window that covers no pixel gives the smallest integer of the type. The output has
 * the type, scale and zero point of the input.
 */
public final class MaxPool extends Pool {
  private MaxPool(Prepared<PoolKernel> prepared, PoolSpec spec) {
    super(prepared, spec);
  }

  /**
   * Builder for {@link MaxPool}; made by {@link dev.octet.Octet#maxPool()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder extends PoolBuilder<Builder> {
    private final Dispatch dispatch;
    private @Nullable DataType type;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#maxPool()}.
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
     * Sets the type of the input and output images.
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
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
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

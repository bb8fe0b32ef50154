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
 * Global average pooling: the mean of a whole 8-bit image, channel by channel, as {@link AveragePool} with
 * one window of the size of the image: {@code [batch][height][width][channels]} to
 * {@code [batch][1][1][channels]}. The arithmetic is that of ONNX Runtime's QLinearGlobalAveragePool.
 */
public final class GlobalAveragePool extends Pool {
  private GlobalAveragePool(Prepared<PoolKernel> prepared, PoolSpec spec) {
    super(prepared, spec);
  }

  /**
   * Builder for {@link GlobalAveragePool}; made by {@link dev.octet.Octet#globalAveragePool()}. Not safe for
   * use by multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private @Nullable ActivationSpec input;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#globalAveragePool()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
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
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing, the types differ, or a combination
     *         of scales is not a normal number in binary32
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public GlobalAveragePool prepare() {
      DataType type = Operands.given("input", input).type();
      Operands.sameType("output", Operands.given("output", output.type()), "input", type);
      PoolSpec spec = new PoolSpec(Kind.GLOBAL_AVERAGE, input, output.spec(), null, false);
      ScaleRange.quotient("input", input.scale(), 1, spec.output());
      return new GlobalAveragePool(dispatch.prepare("globalAveragePool", backend -> backend.pool(spec)),
          spec);
    }
  }
}

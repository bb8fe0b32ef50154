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
 * The mean of a whole 8-bit image, channel by channel, as {@link AveragePool} with one window over
 * everything: {@code [batch][height][width][channels]} to {@code [batch][1][1][channels]}. The arithmetic is
 * that of ONNX Runtime's QLinearGlobalAveragePool.
 */
public final class GlobalAveragePool extends Pool {
  private GlobalAveragePool(Prepared<PoolKernel> prepared, PoolSpec spec) {
    super(prepared, spec);
  }

  /** What a global average pool is to be; made by {@link dev.octet.Octet#globalAveragePool()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private ActivationSpec input;

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
     * Validates, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if something is missing, the types differ, or scales make a number
     *         that is no normal one in binary32
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
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

package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.util.Objects;

/**
 * Integers of 4 or 8 bits to real numbers: {@code x = f32(q - zeroPoint) * scale}. The arithmetic is that of
 * ONNX DequantizeLinear, per tensor, per axis or blocked.
 */
public final class Dequantize extends ElementConversion {
  private Dequantize(Prepared<QuantizeKernel> prepared, QuantizeSpec spec) {
    super(prepared, spec.quantization(), spec.type(), DataType.F32);
  }

  /** What a dequantize is to be; made by {@link dev.octet.Octet#dequantize()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private QuantizeSpec spec;

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
     * The integers.
     *
     * @param type U8, S8, U4 or S4
     * @param quantization per tensor, per channel or per group
     * @return this
     * @throws IllegalArgumentException if the type is not of 4 or 8 bits or a zero point is outside its range
     */
    public Builder input(DataType type, Quantization quantization) {
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(quantization, "quantization");
      quantization.checkZeroPoints("input", type);
      this.spec = new QuantizeSpec(type, quantization);
      return this;
    }

    /**
     * Chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if no input was given
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Dequantize prepare() {
      QuantizeSpec given = Operands.given("input", spec);
      return new Dequantize(dispatch.prepare("dequantize", backend -> backend.dequantize(given)), given);
    }
  }
}

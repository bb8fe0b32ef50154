package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.util.Objects;

/**
 * Real numbers to integers of 4 or 8 bits with known parameters:
 * {@code q = saturate(rint(x / scale) + zeroPoint)}, a true division, rounded half to even. Infinities
 * saturate, NaN gives the smallest integer of the type. The arithmetic is that of ONNX QuantizeLinear, per
 * tensor, per axis or blocked.
 */
public final class Quantize extends ElementConversion {
  private Quantize(Prepared<QuantizeKernel> prepared, QuantizeSpec spec) {
    super(prepared, spec.quantization(), DataType.F32, spec.type());
  }

  /** What a quantize is to be; made by {@link dev.octet.Octet#quantize()}. */
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
     * @throws IllegalArgumentException if the type is not of 4 or 8 bits, a scale is 0 or a zero point is
     *         outside the range of the type
     */
    public Builder output(DataType type, Quantization quantization) {
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(quantization, "quantization");
      quantization.checkNoZeroScale("output");
      quantization.checkZeroPoints("output", type);
      this.spec = new QuantizeSpec(type, quantization);
      return this;
    }

    /**
     * Chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if no output was given
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Quantize prepare() {
      QuantizeSpec given = Operands.given("output", spec);
      return new Quantize(dispatch.prepare("quantize", backend -> backend.quantize(given)), given);
    }
  }
}

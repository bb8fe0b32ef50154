package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Conversion of real numbers to integers of 4 or 8 bits with fixed scales and zero points:
 * {@code q = saturate(rint(x / scale) + zeroPoint)}, a true division, rounded half to even. Infinities
 * saturate; NaN becomes the smallest integer of the type. The arithmetic is that of ONNX QuantizeLinear, per
 * tensor, per axis or blocked.
 */
public final class Quantize extends ElementConversion {
  private Quantize(Prepared<QuantizeKernel> prepared, QuantizeSpec spec) {
    super(prepared, spec.quantization(), DataType.F32, spec.type());
  }

  /**
   * Builder for {@link Quantize}; made by {@link dev.octet.Octet#quantize()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private @Nullable QuantizeSpec spec;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#quantize()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets the type, scales and zero points of the output.
     *
     * @param type U8, S8, U4 or S4
     * @param quantization scales and zero points per tensor, per channel or per group
     * @return this
     * @throws IllegalArgumentException if the type is not of 4 or 8 bits, a scale is 0 or a zero point is
     *         outside the range of the type
     */
    public Builder output(DataType type, Quantization quantization) {
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(quantization, "quantization");
      quantization.checkPositiveScales("output");
      quantization.checkZeroPoints("output", type);
      this.spec = new QuantizeSpec(type, quantization);
      return this;
    }

    /**
     * Chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if the output is not set
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Quantize prepare() {
      QuantizeSpec given = Operands.given("output", spec);
      return new Quantize(dispatch.prepare("quantize", backend -> backend.quantize(given)), given);
    }
  }
}

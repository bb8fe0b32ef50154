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
 * Conversion of integers of 4 or 8 bits to real numbers: {@code x = f32(q - zeroPoint) * scale}. The
 * arithmetic is that of ONNX DequantizeLinear, per tensor, per axis or blocked.
 */
public final class Dequantize extends ElementConversion {
  private Dequantize(Prepared<QuantizeKernel> prepared, QuantizeSpec spec) {
    super(prepared, spec.quantization(), spec.type(), DataType.F32);
  }

  /**
   * Builder for {@link Dequantize}; made by {@link dev.octet.Octet#dequantize()}. Not safe for use by
   * multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private @Nullable QuantizeSpec spec;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#dequantize()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets the type, scales and zero points of the input.
     *
     * @param type U8, S8, U4 or S4
     * @param quantization scales and zero points per tensor, per channel or per group
     * @return this
     * @throws IllegalArgumentException if the type is not of 4 or 8 bits, or a zero point is outside the
     *         range of the type
     */
    public Builder input(DataType type, Quantization quantization) {
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(quantization, "quantization");
      quantization.checkZeroPoints("input", type);
      this.spec = new QuantizeSpec(type, quantization);
      return this;
    }

    /**
     * Chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if the input is not set
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Dequantize prepare() {
      QuantizeSpec given = Operands.given("input", spec);
      return new Dequantize(dispatch.prepare("dequantize", backend -> backend.dequantize(given)), given);
    }
  }
}

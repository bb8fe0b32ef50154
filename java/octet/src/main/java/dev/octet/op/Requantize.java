package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.RequantizeKernel;
import dev.octet.engine.RequantizeSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Conversion of 32-bit accumulators, rows of channels, to 8 bits:
 * {@code y = saturate(rint(f32(acc + bias[c]) * f32(scale[c] / sy)) + zy)}, the bias added modulo 2^32. This
 * is the last step of ONNX QLinearMatMul and QLinearConv, for accumulators that were computed elsewhere.
 */
public final class Requantize extends Op {
  private final RequantizeKernel kernel;
  private final int channels;

  private Requantize(Prepared<RequantizeKernel> prepared, int channels) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.channels = channels;
  }

  /**
   * Returns the length of a row, which is the number of scales or of biases.
   *
   * @return the number of channels; 1 with one scale and no bias, where each element is a row
   */
  public int channels() {
    return channels;
  }

  /**
   * Requantizes dense rows.
   *
   * @param x {@code [rows][channels]} of S32
   * @param y takes {@code [rows][channels]} of the output type, one byte per element; shares no byte with x
   * @param rows the number of rows of {@link #channels()} elements, 0 or more
   * @throws IllegalArgumentException if rows is negative, a segment is too small, y is read-only, or x and y
   *         overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, long rows) {
    Checks.notNegative("rows", rows);
    long yBytes = Checks.product("y", rows, channels);
    long xBytes = Checks.product("x", yBytes, 4);
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, yBytes);
    Checks.disjoint("x", x, xBytes, "y", y, yBytes);
    int ticket = enter();
    try {
      kernel.run(x, y, rows, channels);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Builder for {@link Requantize}; made by {@link dev.octet.Octet#requantize()}. Not safe for use by
   * multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private float @Nullable [] scales;
    private int @Nullable [] bias;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#requantize()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets the scales of the accumulators, the products of input scale and weight scale.
     *
     * @param scales one scale for all channels or one per channel; finite; positive, or 0 where the scale of
     *        the weights is 0; copied
     * @return this
     * @throws IllegalArgumentException if there are none, or one is negative or not finite
     */
    public Builder scales(float... scales) {
      if (Objects.requireNonNull(scales, "scales").length == 0) {
        throw new IllegalArgumentException("scales: expected at least 1, got 0");
      }
      // The rules for scales are those of a quantization.
      this.scales = Quantization.perChannel(0, scales).scales();
      return this;
    }

    /**
     * Sets an integer bias, which is added to the accumulators.
     *
     * @param bias integers, one per channel; copied
     * @return this
     * @throws IllegalArgumentException if there are none
     */
    public Builder bias(int... bias) {
      if (Objects.requireNonNull(bias, "bias").length == 0) {
        throw new IllegalArgumentException("bias: expected at least 1, got 0");
      }
      this.bias = bias.clone();
      return this;
    }

    /**
     * Sets the type, scale and zero point of the output.
     *
     * @param type U8 or S8
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
     * Clamps the result to 0 and above. Replaces any other clamp.
     *
     * @return this
     */
    public Builder relu() {
      return clamp(0, Float.POSITIVE_INFINITY);
    }

    /**
     * Clamps the result to 0 to 6. Replaces any other clamp.
     *
     * @return this
     */
    public Builder relu6() {
      return clamp(0, 6);
    }

    /**
     * Clamps the result to a range. Replaces any other clamp.
     *
     * @param min the smallest result as a real number; may be -Infinity
     * @param max the largest result as a real number; may be Infinity
     * @return this
     * @throws IllegalArgumentException if min is greater than max, or one of them is NaN
     */
    public Builder clamp(float min, float max) {
      output.clamp(min, max);
      return this;
    }

    /**
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if scales or output are missing, the number of biases is not that of
     *         the scales, or a scale divided by the output scale is not a normal number in binary32
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Requantize prepare() {
      Operands.given("scales", scales);
      Operands.given("output", output.type());
      if (bias != null && scales.length > 1 && bias.length != scales.length) {
        throw new IllegalArgumentException(
            "bias: expected " + scales.length + " (one for each scale), got " + bias.length);
      }
      RequantizeSpec spec = new RequantizeSpec(scales, bias, output.spec());
      for (int c = 0; c < scales.length; c++) {
        if (scales[c] != 0) { // a weight scale of 0, see ScaleRange
          ScaleRange.quotient("scales[" + c + "]", scales[c], 1, spec.output());
        }
      }
      int channels = bias != null ? bias.length : scales.length;
      return new Requantize(dispatch.prepare("requantize", backend -> backend.requantize(spec)), channels);
    }
  }
}

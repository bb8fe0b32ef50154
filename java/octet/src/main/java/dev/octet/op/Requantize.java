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

/**
 * 32-bit accumulators, one row of channels after the other, to 8 bits:
 * {@code y = saturate(rint(f32(acc + bias[c]) * f32(scale[c] / sy)) + zy)}, the bias added modulo 2^32. It is
 * the last step of an ONNX QLinearMatMul or QLinearConv, for accumulators that come from elsewhere.
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
   * The length of a row: the number of scales or of biases.
   *
   * @return the channels; 1 with one scale and no bias, where every element is a row of its own
   */
  public int channels() {
    return channels;
  }

  /**
   * Requantizes dense rows.
   *
   * @param x {@code [rows][channels]} of S32, unaligned
   * @param y {@code [rows][channels]} of 8 bits; shares no byte with x
   * @param rows the number of rows of {@link #channels()} elements, 0 or more
   * @throws IllegalArgumentException if rows is negative, a segment is too small or read-only, or they
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

  /** What a requantize is to be; made by {@link dev.octet.Octet#requantize()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private float[] scales;
    private int[] bias;

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
     * What an accumulator of 1 stands for: input scale times weight scale.
     *
     * @param scales one for all channels, or one a channel; finite; positive, or 0 where the scale of the
     *        weights is 0; copied
     * @return this
     * @throws IllegalArgumentException if there is none, or one is negative or not finite
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
     * A bias of the accumulator, at its scale.
     *
     * @param bias one integer a channel; copied
     * @return this
     * @throws IllegalArgumentException if there is none
     */
    public Builder bias(int... bias) {
      if (Objects.requireNonNull(bias, "bias").length == 0) {
        throw new IllegalArgumentException("bias: expected at least 1, got 0");
      }
      this.bias = bias.clone();
      return this;
    }

    /**
     * The result.
     *
     * @param type U8 or S8
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder output(DataType type, Quantization quantization) {
      output.quantized(type, quantization);
      return this;
    }

    /**
     * Clamps to 0 and above.
     *
     * @return this
     */
    public Builder relu() {
      return clamp(0, Float.POSITIVE_INFINITY);
    }

    /**
     * Clamps to 0 to 6.
     *
     * @return this
     */
    public Builder relu6() {
      return clamp(0, 6);
    }

    /**
     * Clamps the result.
     *
     * @param min the smallest result in real numbers, may be -Infinity
     * @param max the largest result in real numbers, may be Infinity
     * @return this
     * @throws IllegalArgumentException if min is greater than max or one is NaN
     */
    public Builder clamp(float min, float max) {
      output.clamp(min, max);
      return this;
    }

    /**
     * Validates, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if scales or output are missing, the number of biases is not that of
     *         the scales, or a scale divided by the output's is no normal number in binary32
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
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

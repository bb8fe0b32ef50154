package dev.octet.quantize.train;

import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.engine.Numbers;
import java.util.Objects;

/**
 * Quantizes and dequantizes in one step, so that a network is trained with the error of its integers, and
 * computes the gradients of the values and of the scales. Immutable, safe for any number of threads.
 *
 * {@snippet :
 * FakeQuantizer w4 = FakeQuantizer.symmetric(S4).perChannel(Shape.of(16, 3, 3, 8), 0);
 * float[] scales = w4.initialScales(weights);
 * w4.forward(weights, scales, quantized);                 // the layer computes with quantized
 * w4.backward(weights, scales, dQuantized, w4.gradientScale(weights), dWeights, dScales);
 * }
 *
 * <p>
 * Forward: {@code y = scale * (saturate(rint(x / scale) + zeroPoint) - zeroPoint)}, bit for bit what
 * {@link dev.octet.op.Quantize} and {@link dev.octet.op.Dequantize} give. Rounding has no useful derivative;
 * backward is the straight-through estimator for values and that of LSQ for scales (S. K. Esser et al.,
 * Learned Step Size Quantization, ICLR 2020), with {@code v = x / scale} and the ends {@code a = lo -
 * zeroPoint}, {@code b = hi - zeroPoint} (in the paper -Qn and Qp):
 *
 * <pre>
 *                  v &lt;= a    a &lt; v &lt; b      b &lt;= v
 * dy / dx          0         1              0
 * dy / dscale      a         rint(v) - v    b
 * dy / dzeroPoint  -scale    0              -scale
 * </pre>
 *
 * The last row is LSQ+'s (Y. Bhalgat et al., 2020), whose offset is {@code -scale * zeroPoint}.
 */
public final class FakeQuantizer {
  private final DataType type;
  private final int lo;
  private final boolean zeroPoints;
  private final ChannelLayout layout;

  private FakeQuantizer(DataType type, int lo, boolean zeroPoints, ChannelLayout layout) {
    this.type = type;
    this.lo = lo;
    this.zeroPoints = zeroPoints;
    this.layout = layout;
  }

  /**
   * Returns a quantizer of values of both signs with zero point 0, such as weights: -127 to 127, or -7 to 7.
   * Per tensor unless {@link #perChannel} is called.
   *
   * @param type S8 or S4
   * @return a fake quantizer
   * @throws IllegalArgumentException if the type is another one
   */
  public static FakeQuantizer symmetric(DataType type) {
    Objects.requireNonNull(type, "type");
    if (!type.isQuantized() || !type.isSigned()) {
      throw new IllegalArgumentException("type: expected S8 or S4 for symmetric quantization, got " + type);
    }
    return new FakeQuantizer(type, -type.max(), false, ChannelLayout.TENSOR);
  }

  /**
   * Returns a quantizer of values that are not negative, with zero point 0, such as activations after ReLU: 0
   * to 255, or 0 to 15; negative values become 0. Per tensor unless {@link #perChannel} is called.
   *
   * @param type U8 or U4
   * @return a fake quantizer
   * @throws IllegalArgumentException if the type is another one
   */
  public static FakeQuantizer nonNegative(DataType type) {
    Objects.requireNonNull(type, "type");
    if (!type.isQuantized() || type.isSigned()) {
      throw new IllegalArgumentException("type: expected U8 or U4 for values of one sign, got " + type);
    }
    return new FakeQuantizer(type, 0, false, ChannelLayout.TENSOR);
  }

  /**
   * Returns a quantizer of values with zero points, in the whole range of the type. Per tensor unless
   * {@link #perChannel} is called.
   *
   * @param type U8, S8, U4 or S4
   * @return a fake quantizer
   * @throws IllegalArgumentException if the type is another one
   */
  public static FakeQuantizer asymmetric(DataType type) {
    Objects.requireNonNull(type, "type");
    if (!type.isQuantized()) {
      throw new IllegalArgumentException("type: expected U8, S8, U4 or S4, got " + type);
    }
    return new FakeQuantizer(type, type.min(), true, ChannelLayout.TENSOR);
  }

  /**
   * Returns this quantizer with a scale, and a zero point where it is asymmetric, for each index on an axis.
   *
   * @param shape the shape of the arrays to come, at least one element
   * @param axis 0 for the outermost
   * @return a fake quantizer for arrays of exactly this shape
   * @throws IllegalArgumentException if the shape has no such axis, no element, or more than an array holds
   */
  public FakeQuantizer perChannel(Shape shape, int axis) {
    Objects.requireNonNull(shape, "shape");
    return new FakeQuantizer(type, lo, zeroPoints, ChannelLayout.of(shape, axis));
  }

  /**
   * Returns the type of the integers.
   *
   * @return U8, S8, U4 or S4
   */
  public DataType type() {
    return type;
  }

  /**
   * Returns the number of scales.
   *
   * @return 1 per tensor
   */
  public int channels() {
    return layout.channels();
  }

  /**
   * Returns the scales that LSQ begins with, {@code 2 * mean(|x|) / sqrt(Qp)}. Qp is 127 or 7 symmetric, else
   * 255 or 15. They clip outliers from the start: with 4 bits that is near the optimum, with 8 bits training
   * has to shrink them.
   *
   * @param x values that are typical: the weights, the first batch of an activation
   * @return a scale for each channel; 1 where all is zero
   * @throws IllegalArgumentException if x has another number of elements than the shape, or none
   */
  public float[] initialScales(float[] x) {
    Objects.requireNonNull(x, "x");
    layout.check("x", x);
    if (x.length == 0) {
      throw new IllegalArgumentException("x: expected at least one element");
    }
    int inner = layout.inner(x);
    double[] sums = new double[layout.channels()];
    for (int run = 0; run < layout.outer() * layout.channels(); run++) {
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        sums[run % sums.length] += Math.abs(x[i]);
      }
    }
    float[] scales = new float[sums.length];
    for (int c = 0; c < scales.length; c++) {
      float scale = (float) (2 * sums[c] / layout.perChannel(x) / Math.sqrt(levels()));
      scales[c] = scale == 0 ? 1 : scale;
    }
    return scales;
  }

  /**
   * Returns LSQ's factor on the gradient of a scale, {@code 1 / sqrt(N * Qp)}: without it scales, each the
   * sum over many elements, would learn by far larger steps, relative to their size, than weights.
   *
   * @param count N: the weights that share the scale, or the features of one example that do
   * @return the factor
   * @throws IllegalArgumentException if count is less than 1
   */
  public float gradientScale(long count) {
    if (count < 1) {
      throw new IllegalArgumentException("count: expected >= 1, got " + count);
    }
    return (float) (1 / Math.sqrt((double) count * levels()));
  }

  /**
   * Quantizes and dequantizes, zero points 0.
   *
   * @param x the values; NaN becomes the smallest value
   * @param scales one for each channel, positive
   * @param y receives the result; may be x
   * @throws IllegalArgumentException if a length does not fit or a scale is not positive and finite
   * @throws IllegalStateException if this is asymmetric
   */
  public void forward(float[] x, float[] scales, float[] y) {
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(scales, "scales");
    Objects.requireNonNull(y, "y");
    forward(x, scales, noZeroPoints(), y);
  }

  /**
   * Quantizes and dequantizes.
   *
   * @param x the values; NaN becomes the smallest value
   * @param scales one for each channel, positive
   * @param zeroPoints one for each channel, in the range of the type; 0 unless asymmetric
   * @param y receives the result; may be x
   * @throws IllegalArgumentException if a length does not fit, a scale is not positive and finite, or a zero
   *         point is out of range
   */
  public void forward(float[] x, float[] scales, int[] zeroPoints, float[] y) {
    Objects.requireNonNull(zeroPoints, "zeroPoints");
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(scales, "scales");
    Objects.requireNonNull(y, "y");
    check(x, scales, zeroPoints);
    checkLength("y", y, x);
    int inner = layout.inner(x);
    for (int run = 0; run < layout.outer() * layout.channels(); run++) {
      int c = run % layout.channels();
      float scale = scales[c];
      int zeroPoint = zeroPoints[c];
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        y[i] = Numbers.dequantize(Numbers.quantize(x[i], scale, zeroPoint, lo, type.max()), scale, zeroPoint);
      }
    }
  }

  /**
   * Computes the integers of {@link #forward(float[], float[], float[])}, zero points 0.
   *
   * @param x the values; NaN becomes the smallest integer
   * @param scales one for each channel, positive
   * @param q receives one integer a byte, those of 4 bits too
   * @throws IllegalArgumentException if a length does not fit or a scale is not positive and finite
   * @throws IllegalStateException if this is asymmetric
   */
  public void quantize(float[] x, float[] scales, byte[] q) {
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(scales, "scales");
    Objects.requireNonNull(q, "q");
    quantize(x, scales, noZeroPoints(), q);
  }

  /**
   * Computes the integers of {@link #forward(float[], float[], int[], float[])}, which a trained network runs
   * on. One a byte, so that values of 4 bits fit ops that take 8.
   *
   * @param x the values; NaN becomes the smallest integer
   * @param scales one for each channel, positive
   * @param zeroPoints one for each channel, in the range of the type; 0 unless asymmetric
   * @param q receives one integer a byte
   * @throws IllegalArgumentException if a length does not fit, a scale is not positive and finite, or a zero
   *         point is out of range
   */
  public void quantize(float[] x, float[] scales, int[] zeroPoints, byte[] q) {
    Objects.requireNonNull(zeroPoints, "zeroPoints");
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(scales, "scales");
    Objects.requireNonNull(q, "q");
    check(x, scales, zeroPoints);
    if (q.length != x.length) {
      throw new IllegalArgumentException("q: expected " + x.length + " bytes, as x has, got " + q.length);
    }
    int inner = layout.inner(x);
    for (int run = 0; run < layout.outer() * layout.channels(); run++) {
      int c = run % layout.channels();
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        q[i] = (byte) Numbers.quantize(x[i], scales[c], zeroPoints[c], lo, type.max());
      }
    }
  }

  /**
   * Rounds the bias of a layer as its 32-bit accumulator holds it: {@code scale * rint(bias / scale)} with
   * {@code scale = inputScale * weightScale}. Its gradient is passed through unchanged.
   *
   * @param bias one for each output channel
   * @param inputScale of the layer's input
   * @param weightScales one, or one for each output channel
   * @param y receives the result; may be bias
   * @throws IllegalArgumentException if a length does not fit
   */
  public static void forwardBias(float[] bias, float inputScale, float[] weightScales, float[] y) {
    Objects.requireNonNull(bias, "bias");
    Objects.requireNonNull(weightScales, "weightScales");
    Objects.requireNonNull(y, "y");
    if (weightScales.length != 1 && weightScales.length != bias.length) {
      throw new IllegalArgumentException(
          "weightScales: expected 1 or " + bias.length + ", got " + weightScales.length);
    }
    checkLength("y", y, bias);
    for (int c = 0; c < bias.length; c++) {
      float weightScale = weightScales[weightScales.length == 1 ? 0 : c];
      y[c] = Numbers.bias(bias[c], inputScale, weightScale) * (inputScale * weightScale);
    }
  }

  /**
   * Computes the gradients of values and scales, zero points 0.
   *
   * @param x the values that forward saw
   * @param scales the scales that forward saw
   * @param dy the gradient of forward's result
   * @param gradientScale a factor on the gradients of scales; {@link #gradientScale(long)}
   * @param dx receives the gradient of the values; may be dy
   * @param dScales the gradients of the scales are added here
   * @throws IllegalArgumentException if a length does not fit or a scale is not positive and finite
   * @throws IllegalStateException if this is asymmetric
   */
  public void backward(float[] x, float[] scales, float[] dy, float gradientScale, float[] dx,
      float[] dScales) {
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(scales, "scales");
    Objects.requireNonNull(dy, "dy");
    Objects.requireNonNull(dx, "dx");
    Objects.requireNonNull(dScales, "dScales");
    backward(x, scales, noZeroPoints(), dy, gradientScale, dx, dScales, new float[layout.channels()]);
  }

  /**
   * Computes the gradients of values, scales and zero points.
   *
   * @param x the values that forward saw
   * @param scales the scales that forward saw
   * @param zeroPoints the zero points that forward saw
   * @param dy the gradient of forward's result
   * @param gradientScale a factor on the gradients of scales and zero points; {@link #gradientScale(long)}
   * @param dx receives the gradient of the values; may be dy
   * @param dScales the gradients of the scales are added here
   * @param dZeroPoints the gradients of the zero points, as if they were real, are added here
   * @throws IllegalArgumentException if a length does not fit, a scale is not positive and finite, or a zero
   *         point is out of range
   */
  public void backward(float[] x, float[] scales, int[] zeroPoints, float[] dy, float gradientScale,
      float[] dx, float[] dScales, float[] dZeroPoints) {
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(scales, "scales");
    Objects.requireNonNull(zeroPoints, "zeroPoints");
    Objects.requireNonNull(dy, "dy");
    Objects.requireNonNull(dx, "dx");
    Objects.requireNonNull(dScales, "dScales");
    Objects.requireNonNull(dZeroPoints, "dZeroPoints");
    check(x, scales, zeroPoints);
    checkLength("dy", dy, x);
    checkLength("dx", dx, x);
    layout.checkParameters("dScales", dScales);
    layout.checkParameters("dZeroPoints", dZeroPoints);
    int inner = layout.inner(x);
    for (int run = 0; run < layout.outer() * layout.channels(); run++) {
      int c = run % layout.channels();
      float a = lo - zeroPoints[c];
      float b = type.max() - zeroPoints[c];
      // In binary64: a scale of an activation sums a million terms.
      double dScale = 0;
      double clipped = 0;
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        float v = x[i] / scales[c];
        float d = dy[i];
        if (v > a && v < b) {
          dScale += d * (Numbers.rint(v) - v);
          dx[i] = d;
        } else {
          dScale += d * (v >= b ? b : a);
          clipped += d;
          dx[i] = 0;
        }
      }
      dScales[c] += (float) (gradientScale * dScale);
      dZeroPoints[c] -= (float) (gradientScale * clipped * scales[c]);
    }
  }

  /** The paper's Qp. */
  private int levels() {
    return zeroPoints ? type.max() - type.min() : type.max();
  }

  private int[] noZeroPoints() {
    if (zeroPoints) {
      throw new IllegalStateException("this fake quantizer is asymmetric: it needs zero points");
    }
    return new int[layout.channels()];
  }

  private void check(float[] x, float[] scales, int[] zeroPoints) {
    layout.check("x", x);
    layout.checkParameters("scales", scales);
    if (zeroPoints.length != scales.length) {
      throw new IllegalArgumentException(
          "zeroPoints: expected " + scales.length + " (one for each channel), got " + zeroPoints.length);
    }
    for (int c = 0; c < scales.length; c++) {
      if (!(scales[c] > 0) || scales[c] == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "scales[" + c + "]: expected a positive finite number, got " + scales[c]);
      }
      int least = this.zeroPoints ? type.min() : 0;
      int most = this.zeroPoints ? type.max() : 0;
      if (zeroPoints[c] < least || zeroPoints[c] > most) {
        throw new IllegalArgumentException(
            "zeroPoints[" + c + "]: expected " + least + " to " + most + ", got " + zeroPoints[c]);
      }
    }
  }

  private static void checkLength(String name, float[] values, float[] x) {
    if (values.length != x.length) {
      throw new IllegalArgumentException(
          name + ": expected " + x.length + " elements, as x has, got " + values.length);
    }
  }
}

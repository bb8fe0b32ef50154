package dev.octet.op;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Two-dimensional convolution of 8-bit NHWC images with fixed 8-bit weights:
 * {@code y[b][oy][ox][o] = requantize(sum over the window and the channels of o's group of (x - zx) * (w -
 * zw[o]) + bias[o])}, accumulated in 32-bit integers. Padding adds nothing to a sum. The arithmetic is that
 * of ONNX QLinearConv (8-bit output) and ConvInteger (S32 output).
 *
 * <p>
 * A depthwise convolution has as many groups as input channels, and weights {@code [m * channels][H][W][1]}
 * for m output channels per input channel. A one-dimensional convolution has images and weights of height 1.
 */
public final class Conv2d extends Op {
  private final Conv2dKernel kernel;
  private final Conv2dSpec spec;

  private Conv2d(Prepared<Conv2dKernel> prepared, Conv2dSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.spec = spec;
  }

  /**
   * Returns the shape of the output for images of a shape.
   *
   * @param input {@code [batch, height, width, channels]}
   * @return {@code [batch, outHeight, outWidth, outChannels]}
   * @throws IllegalArgumentException if the rank is not 4, the channels are not those of the weights, or the
   *         window is larger than a padded image
   */
  public Shape outputShape(Shape input) {
    return Images.outputShape(spec.window(), input, spec.inChannels(), spec.weights().outChannels());
  }

  /**
   * Convolves dense images.
   *
   * @param x {@code [batch][height][width][channels]} of the input type, one byte per element
   * @param y takes {@code [batch][outHeight][outWidth][outChannels]} of the output type; shares no byte with
   *        x
   * @param batch the number of images, 0 or more
   * @param height rows of an image, 1 or more
   * @param width columns of an image, 1 or more
   * @throws IllegalArgumentException if a size is out of range, the window is larger than a padded image,
   *         sizes overflow, a segment is too small, y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int height, int width) {
    Checks.notNegative("batch", batch);
    int outHeight = Images.outHeight(spec.window(), height);
    int outWidth = Images.outWidth(spec.window(), width);
    long xBytes = Images.bytes("x", batch, height, width, spec.inChannels(), 1);
    long yBytes = Images.bytes("y", batch, outHeight, outWidth, spec.weights().outChannels(),
        spec.output().type().bits() / 8);
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, yBytes);
    Checks.disjoint("x", x, xBytes, "y", y, yBytes);
    int ticket = enter();
    try {
      kernel.run(x, y, batch, height, width);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Builder for {@link Conv2d}; made by {@link dev.octet.Octet#conv2d()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private final BiasBuilder bias = new BiasBuilder();
    private final WindowBuilder window = new WindowBuilder();
    private @Nullable ActivationSpec input;
    private @Nullable ConvWeights weights;
    private int groups = 1;
    private boolean inexactEpilogue;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#conv2d()}.
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
     * Sets the weights. They are read by {@link #prepare()}, which packs a copy.
     *
     * @param weights a tensor of rank 4 of S8 or U8; scales and zero points per tensor or per output channel
     * @param layout OHWI, OIHW or HWIO, where I is the number of input channels of a group
     * @return this
     * @throws IllegalArgumentException if the type, the shape, the layout or the granularity is none of
     *         these, or a dimension is 0 or exceeds 2^31 - 1
     */
    public Builder weights(QTensor weights, WeightLayout layout) {
      if (!Objects.requireNonNull(weights, "weights").type().isByte()) {
        throw new IllegalArgumentException("weights: expected U8 or S8, got " + weights.type());
      }
      this.weights = ConvWeights.of(weights, layout);
      return this;
    }

    /**
     * Sets an integer bias, which is added to the accumulators. Its scale is
     * {@code input scale * weight scale}. Replaces a float bias.
     *
     * @param bias integers, one per output channel; copied
     * @return this
     */
    public Builder bias(int[] bias) {
      this.bias.integers(bias);
      return this;
    }

    /**
     * Sets a bias in real numbers. With F32 output it is added after scaling. With 8-bit or S32 output
     * {@link #prepare()} rounds it to integers of scale {@code input scale * weight scale}; this needs a bias
     * of 0 for channels of weight scale 0. Replaces an integer bias.
     *
     * @param bias finite floats, one per output channel; copied
     * @return this
     * @throws IllegalArgumentException if a number is not finite
     */
    public Builder bias(float[] bias) {
      this.bias.floats(bias);
      return this;
    }

    /**
     * Sets the same stride, the distance from one window to the next, in both directions. The default is 1.
     *
     * @param stride pixels, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder stride(int stride) {
      return stride(stride, stride);
    }

    /**
     * Sets the stride, the distance from one window to the next. The default is 1.
     *
     * @param height rows, 1 or more
     * @param width columns, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder stride(int height, int width) {
      window.stride(height, width);
      return this;
    }

    /**
     * Sets the same dilation, the distance from one tap of a window to the next, in both directions. The
     * default is 1: adjacent taps.
     *
     * @param dilation pixels, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder dilation(int dilation) {
      return dilation(dilation, dilation);
    }

    /**
     * Sets the dilation, the distance from one tap of a window to the next. The default is 1: adjacent taps.
     *
     * @param height rows, 1 or more
     * @param width columns, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder dilation(int height, int width) {
      window.dilation(height, width);
      return this;
    }

    /**
     * Sets the same padding on all four sides. The default is 0.
     *
     * @param padding pixels, 0 or more
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder padding(int padding) {
      return padding(padding, padding);
    }

    /**
     * Sets the padding above and below, and on the left and right.
     *
     * @param height rows above, and as many below, 0 or more
     * @param width columns on the left, and as many on the right, 0 or more
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder padding(int height, int width) {
      return padding(height, width, height, width);
    }

    /**
     * Sets the padding on each side, in the order of ONNX.
     *
     * @param top rows above, 0 or more
     * @param left columns on the left, 0 or more
     * @param bottom rows below, 0 or more
     * @param right columns on the right, 0 or more
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder padding(int top, int left, int bottom, int right) {
      window.padding(top, left, bottom, right);
      return this;
    }

    /**
     * Sets the number of groups. Input and output channels are divided into groups, and each output channel
     * sums over the input channels of its own group. The default is 1.
     *
     * @param groups 1 or more, a divisor of the number of output channels; the input has {@code groups * I}
     *        channels
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder groups(int groups) {
      this.groups = Checks.positive("groups", groups);
      return this;
    }

    /**
     * Sets 8-bit output. Replaces any other output.
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
     * Sets F32 output: {@code f32(acc) * f32(sx * sw)}, plus the float bias. Replaces any other output.
     *
     * @return this
     */
    public Builder outputF32() {
      output.raw(DataType.F32);
      return this;
    }

    /**
     * Sets S32 output: the accumulators themselves. Replaces any other output.
     *
     * @return this
     */
    public Builder outputS32() {
      output.raw(DataType.S32);
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
     * Clamps the result to a range. Replaces any other clamp. Not offered with S32 output.
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
     * Allows an engine to use a rounding of its own, whose results may differ from the numerics law by 1 in
     * rare ties. {@link Op#exact()} returns whether the op does so.
     *
     * @return this
     */
    public Builder allowInexactEpilogue() {
      this.inexactEpilogue = true;
      return this;
    }

    /**
     * Validates the settings, chooses an engine and a kernel, and packs the weights.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing or settings do not fit each other
     *         (the message names the operand), or a combination of scales is not a normal number in binary32
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Conv2d prepare() {
      if (input == null) {
        throw new IllegalArgumentException("input: not given");
      }
      if (weights == null) {
        throw new IllegalArgumentException("weights: not given");
      }
      int outChannels = weights.outChannels();
      if (outChannels % groups != 0) {
        throw new IllegalArgumentException("groups: expected a divisor of " + outChannels
            + " (output channels of weights " + weights.tensor().shape() + "), got " + groups);
      }
      if ((long) weights.inPerGroup() * groups > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "groups: " + groups + " of " + weights.inPerGroup() + " input channels exceed 2^31 - 1");
      }
      Conv2dSpec spec = new Conv2dSpec(weights, groups, window.spec(weights.height(), weights.width()), input,
          bias.integersFor(outChannels, input, weights::scale, output), bias.floatsFor(outChannels, output),
          output.spec(), inexactEpilogue);
      ScaleRange.product("input", input, "weights", weights.tensor().quantization(), spec.output(),
          bias.isReal());
      return new Conv2d(dispatch.prepare("conv2d", backend -> backend.conv2d(spec)), spec);
    }
  }
}

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

/**
 * Convolution of 8-bit images with fixed 8-bit weights, NHWC:
 * {@code y[b][oy][ox][o] = requantize(sum over the window and the channels of o's group of (x - zx) * (w -
 * zw[o]) + bias[o])}, accumulated in 32-bit integers. A padded tap adds nothing. The arithmetic is that of
 * ONNX QLinearConv (8-bit output) and ConvInteger (S32 output).
 *
 * <p>
 * Depthwise convolution has as many groups as input channels, {@code [m * channels][H][W][1]} weights for m
 * outputs a channel. Convolution in one dimension has height 1: images of one row, weights of one row.
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
   * The shape of the output for images of a shape.
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
   * @param x {@code [batch][height][width][channels]}, one byte an element
   * @param y {@code [batch][outHeight][outWidth][outChannels]} of the output type; shares no byte with x
   * @param batch the number of images, 0 or more
   * @param height rows of an image, 1 or more
   * @param width columns of an image, 1 or more
   * @throws IllegalArgumentException if the window is larger than a padded image, a segment is too small or
   *         read-only, sizes overflow, or the segments overlap
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

  /** What a conv2d is to be; made by {@link dev.octet.Octet#conv2d()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private final BiasBuilder bias = new BiasBuilder();
    private final WindowBuilder window = new WindowBuilder();
    private ActivationSpec input;
    private ConvWeights weights;
    private int groups = 1;
    private boolean inexactEpilogue;

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
     * The weights; read in {@link #prepare()} only.
     *
     * @param weights S8 or U8 of rank 4; scales and zero points per tensor or per output channel
     * @param layout OHWI or OIHW, where I is the number of input channels of a group
     * @return this
     * @throws IllegalArgumentException if type, shape or quantization do not fit
     */
    public Builder weights(QTensor weights, WeightLayout layout) {
      if (!Objects.requireNonNull(weights, "weights").type().isByte()) {
        throw new IllegalArgumentException("weights: expected U8 or S8, got " + weights.type());
      }
      this.weights = ConvWeights.of(weights, layout);
      return this;
    }

    /**
     * A bias of the accumulator, scale {@code input * weight}.
     *
     * @param bias an integer for each output channel; copied
     * @return this
     */
    public Builder bias(int[] bias) {
      this.bias.integers(bias);
      return this;
    }

    /**
     * A bias in real numbers. With F32 output it is added after scaling; with 8-bit or S32 output it is
     * turned into an integer at scale {@code input * weight} in prepare(). It must be 0 there where the
     * weight scale of the channel is 0.
     *
     * @param bias a finite float for each output channel; copied
     * @return this
     * @throws IllegalArgumentException if one is not finite
     */
    public Builder bias(float[] bias) {
      this.bias.floats(bias);
      return this;
    }

    /**
     * From one window to the next, in both directions; 1 unless given.
     *
     * @param stride pixels, at least 1
     * @return this
     * @throws IllegalArgumentException if less than 1
     */
    public Builder stride(int stride) {
      return stride(stride, stride);
    }

    /**
     * From one window to the next.
     *
     * @param height rows, at least 1
     * @param width columns, at least 1
     * @return this
     * @throws IllegalArgumentException if less than 1
     */
    public Builder stride(int height, int width) {
      window.stride(height, width);
      return this;
    }

    /**
     * From one tap of a window to the next, in both directions; 1, adjacent taps, unless given.
     *
     * @param dilation pixels, at least 1
     * @return this
     * @throws IllegalArgumentException if less than 1
     */
    public Builder dilation(int dilation) {
      return dilation(dilation, dilation);
    }

    /**
     * From one tap of a window to the next.
     *
     * @param height rows, at least 1
     * @param width columns, at least 1
     * @return this
     * @throws IllegalArgumentException if less than 1
     */
    public Builder dilation(int height, int width) {
      window.dilation(height, width);
      return this;
    }

    /**
     * Padding on all four sides; 0 unless given.
     *
     * @param padding pixels, at least 0
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public Builder padding(int padding) {
      return padding(padding, padding);
    }

    /**
     * Padding above and below, and on the left and right.
     *
     * @param height rows above, and as many below, at least 0
     * @param width columns on the left, and as many on the right, at least 0
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public Builder padding(int height, int width) {
      return padding(height, width, height, width);
    }

    /**
     * Padding on each side, in the order of ONNX.
     *
     * @param top rows above, at least 0
     * @param left columns on the left, at least 0
     * @param bottom rows below, at least 0
     * @param right columns on the right, at least 0
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public Builder padding(int top, int left, int bottom, int right) {
      window.padding(top, left, bottom, right);
      return this;
    }

    /**
     * Divides input and output channels into groups that know nothing of each other; 1 unless given.
     *
     * @param groups at least 1, a divisor of the output channels; the input has groups times I channels
     * @return this
     * @throws IllegalArgumentException if less than 1
     */
    public Builder groups(int groups) {
      this.groups = Checks.positive("groups", groups);
      return this;
    }

    /**
     * 8-bit output.
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
     * Real output: {@code f32(acc) * f32(sx * sw)}, then the float bias.
     *
     * @return this
     */
    public Builder outputF32() {
      output.raw(DataType.F32);
      return this;
    }

    /**
     * The accumulator itself.
     *
     * @return this
     */
    public Builder outputS32() {
      output.raw(DataType.S32);
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
     * Clamps the result; not with S32 output.
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
     * Lets an engine use an epilogue of its own that may differ from the law by 1 in rare ties;
     * {@link Op#exact()} says whether it does.
     *
     * @return this
     */
    public Builder allowInexactEpilogue() {
      this.inexactEpilogue = true;
      return this;
    }

    /**
     * Validates, packs the weights, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if something is missing or does not fit, with the operand's name, or
     *         scales make a number that is no normal one in binary32
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
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

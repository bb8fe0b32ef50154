package dev.octet.op;

import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.TransposedWeights;
import dev.octet.engine.TransposedWindow;
import dev.octet.engine.Window;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Two-dimensional transposed convolution of 8-bit NHWC images with fixed 8-bit weights, also called
 * deconvolution: pixel {@code (iy, ix)} of the input meets tap {@code (ky, kx)} of the window at pixel
 * {@code (iy * stride + ky * dilation - padding, ...)} of the output, and
 * {@code y[b][oy][ox][o] = requantize(sum over the taps that meet there and the channels of o's group of (x -
 * zx) * (w - zw[o]) + bias[o])}, accumulated in 32-bit integers. An output that no tap meets is the bias
 * alone. Windows, padding and output padding are those of ONNX ConvTranspose.
 */
public final class ConvTranspose2d extends Op {
  private final Conv2dKernel kernel;
  private final ConvTranspose2dSpec spec;

  private ConvTranspose2d(Prepared<Conv2dKernel> prepared, ConvTranspose2dSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.spec = spec;
  }

  /**
   * Returns the shape of the output for images of a shape. Its height is
   * {@code (height - 1) * stride + (kernel
   * - 1) * dilation + 1 - padding + output padding}, its width likewise.
   *
   * @param input {@code [batch, height, width, channels]}
   * @return {@code [batch, outHeight, outWidth, outChannels]}
   * @throws IllegalArgumentException if the rank is not 4, the channels are not those of the weights, or the
   *         padding leaves no output
   */
  public Shape outputShape(Shape input) {
    Images.requireChannels(input, spec.weights().inChannels());
    return Shape.of(input.dim(0), outHeight(input.intDim(1)), outWidth(input.intDim(2)), spec.outChannels());
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
   * @throws IllegalArgumentException if a size is out of range, the padding leaves no output, sizes overflow,
   *         a segment is too small, y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int height, int width) {
    Checks.notNegative("batch", batch);
    int outHeight = outHeight(height);
    int outWidth = outWidth(width);
    long xBytes = Images.bytes("x", batch, height, width, spec.weights().inChannels(), 1);
    long yBytes = Images.bytes("y", batch, outHeight, outWidth, spec.outChannels(),
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

  private int outHeight(int height) {
    Window window = spec.window().window();
    return fits("height", spec.window().outHeight(Checks.positive("height", height)), height,
        (long) window.padTop() + window.padBottom());
  }

  private int outWidth(int width) {
    Window window = spec.window().window();
    return fits("width", spec.window().outWidth(Checks.positive("width", width)), width,
        (long) window.padLeft() + window.padRight());
  }

  private static int fits(String side, long out, int in, long padding) {
    if (out < 1) {
      throw new IllegalArgumentException(side + ": expected an output of at least 1, got " + out + " of " + in
          + " with padding " + padding);
    }
    return Images.fitsInt(side, out);
  }

  /**
   * Builder for {@link ConvTranspose2d}; made by {@link dev.octet.Octet#convTranspose2d()}. Not safe for use
   * by multiple threads.
   */
  public static final class Builder extends IntegerConvolutionBuilder<Builder> {
    private final WindowBuilder window = new WindowBuilder();
    private @Nullable TransposedWeights weights;
    private int outputPadHeight;
    private int outputPadWidth;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#convTranspose2d()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      super(dispatch);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the weights. They are read by {@link #prepare()}, which packs a copy.
     *
     * @param weights a tensor of rank 4 of S8 or U8; scales and zero points per tensor or per output channel
     *        of a group, the same for all groups
     * @param layout IOHW or HWOI, where I is the number of input channels of all groups and O the number of
     *        output channels of a group
     * @return this
     * @throws IllegalArgumentException if the type, the shape, the layout or the granularity is none of
     *         these, or a dimension is 0 or exceeds 2^31 - 1
     */
    public Builder weights(QTensor weights, WeightLayout layout) {
      Operands.requireByte("weights", Objects.requireNonNull(weights, "weights").type());
      this.weights = TransposedWeights.of(weights, layout);
      return this;
    }

    /**
     * Sets the same stride, the distance in the output from one pixel of the input to the next, in both
     * directions. The default is 1.
     *
     * @param stride pixels, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder stride(int stride) {
      return stride(stride, stride);
    }

    /**
     * Sets the stride, the distance in the output from one pixel of the input to the next. The default is 1.
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
     * Sets the same dilation, the distance in the output from one tap to the next, in both directions. The
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
     * Sets the dilation, the distance in the output from one tap to the next. The default is 1: adjacent
     * taps.
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
     * Sets the same padding, which is cut off from the output, on all four sides. The default is 0.
     *
     * @param padding pixels, 0 or more
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder padding(int padding) {
      return padding(padding, padding, padding, padding);
    }

    /**
     * Sets the padding, which is cut off from the output, on each side, in the order of ONNX.
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
     * Sets the output padding: rows and columns that the output has in addition at the bottom and on the
     * right. They are outputs like others. The default is 0.
     *
     * @param height rows, 0 or more, less than the stride or the dilation
     * @param width columns, 0 or more, less than the stride or the dilation
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder outputPadding(int height, int width) {
      this.outputPadHeight = Checks.notNegative("output padding height", height);
      this.outputPadWidth = Checks.notNegative("output padding width", width);
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
    public ConvTranspose2d prepare() {
      ActivationSpec given = Operands.given("input", input);
      TransposedWeights w = Operands.given("weights", weights);
      if (w.inChannels() % groups != 0) {
        throw new IllegalArgumentException("groups: expected a divisor of " + w.inChannels()
            + " (input channels of weights " + w.tensor().shape() + "), got " + groups);
      }
      if ((long) w.outPerGroup() * groups > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "groups: " + groups + " of " + w.outPerGroup() + " output channels exceed 2^31 - 1");
      }
      Window spans = window.spec(w.height(), w.width());
      lessThanSteps("height", outputPadHeight, spans.strideHeight(), spans.dilationHeight());
      lessThanSteps("width", outputPadWidth, spans.strideWidth(), spans.dilationWidth());
      int outChannels = w.outPerGroup() * groups;
      ConvTranspose2dSpec spec = new ConvTranspose2dSpec(w, groups,
          new TransposedWindow(spans, outputPadHeight, outputPadWidth), given,
          bias.integersFor(outChannels, given, o -> w.scale(o % w.outPerGroup()), output),
          bias.floatsFor(outChannels, output), output.spec());
      ScaleRange.product("input", given, "weights", w.tensor().quantization(), spec.output(), bias.isReal());
      return new ConvTranspose2d(
          dispatch.prepare("convTranspose2d", backend -> backend.convTranspose2d(spec)), spec);
    }

    private static void lessThanSteps(String side, int padding, int stride, int dilation) {
      if (padding >= Math.max(stride, dilation)) {
        throw new IllegalArgumentException("output padding " + side + ": expected less than the stride, "
            + stride + ", or the dilation, " + dilation + ", got " + padding);
      }
    }
  }
}

package dev.octet.op;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Conv3dKernel;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.DepthWindow;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Three-dimensional convolution of 8-bit NDHWC volumes with fixed 8-bit weights: {@code y[b][oz][oy][ox][o] =
 * requantize(sum over the window and the channels of o's group of (x - zx) * (w - zw[o]) + bias[o])},
 * accumulated in 32-bit integers. Padding adds nothing to a sum. Windows and padding are those of ONNX Conv.
 */
public final class Conv3d extends Op {
  private final Conv3dKernel kernel;
  private final Conv3dSpec spec;

  private Conv3d(Prepared<Conv3dKernel> prepared, Conv3dSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.spec = spec;
  }

  /**
   * Returns the shape of the output for volumes of a shape.
   *
   * @param input {@code [batch, depth, height, width, channels]}
   * @return {@code [batch, outDepth, outHeight, outWidth, outChannels]}
   * @throws IllegalArgumentException if the rank is not 5, the channels are not those of the weights, or the
   *         window is larger than a padded volume
   */
  public Shape outputShape(Shape input) {
    if (Objects.requireNonNull(input, "input").rank() != 5) {
      throw new IllegalArgumentException(
          "input: expected [batch, depth, height, width, channels], got " + input);
    }
    if (input.dim(4) != spec.inChannels()) {
      throw new IllegalArgumentException(
          "input: expected " + spec.inChannels() + " channels in its last dimension, got " + input);
    }
    return Shape.of(input.dim(0), outDepth(input.intDim(1)), Images.outHeight(spec.window(), input.intDim(2)),
        Images.outWidth(spec.window(), input.intDim(3)), spec.weights().outChannels());
  }

  private int outDepth(int depth) {
    DepthWindow window = spec.depth();
    return Images.fits("depth", window.outDepth(Checks.positive("depth", depth)), window.kernel(),
        window.dilation(), depth, (long) window.padFront() + window.padBack());
  }

  /**
   * Convolves dense volumes.
   *
   * @param x {@code [batch][depth][height][width][channels]} of the input type, one byte per element
   * @param y takes {@code [batch][outDepth][outHeight][outWidth][outChannels]} of the output type; shares no
   *        byte with x
   * @param batch the number of volumes, 0 or more
   * @param depth frames of a volume, 1 or more
   * @param height rows of a frame, 1 or more
   * @param width columns of a frame, 1 or more
   * @throws IllegalArgumentException if a size is out of range, batch times depth or height times width is
   *         2^31 or more, the window is larger than a padded volume, sizes overflow, a segment is too small,
   *         y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int depth, int height, int width) {
    Checks.notNegative("batch", batch);
    int outDepth = outDepth(depth);
    int outHeight = Images.outHeight(spec.window(), height);
    int outWidth = Images.outWidth(spec.window(), width);
    countable("batch x depth", batch, depth);
    countable("height x width", height, width);
    long xBytes = Checks.product("x", Checks.product("x", batch, depth),
        Images.bytes("x", 1, height, width, spec.inChannels(), 1));
    long yBytes = Checks.product("y", Checks.product("y", batch, outDepth),
        Images.bytes("y", 1, outHeight, outWidth, spec.weights().outChannels(),
            spec.output().type().bits() / 8));
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, yBytes);
    Checks.disjoint("x", x, xBytes, "y", y, yBytes);
    int ticket = enter();
    try {
      kernel.run(x, y, batch, depth, height, width);
    } finally {
      exit(ticket);
    }
  }

  /** Frames of all volumes, and pixels of a frame, are counted by ints where windows are flat. */
  private static void countable(String sizes, int a, int b) {
    if ((long) a * b > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(sizes + ": expected at most 2^31 - 1, got " + a + " x " + b);
    }
  }

  /**
   * Builder for {@link Conv3d}; made by {@link dev.octet.Octet#conv3d()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder extends IntegerConvolutionBuilder<Builder> {
    private final WindowBuilder window = new WindowBuilder();
    private @Nullable ConvWeights weights;
    private int kernelDepth;
    private int strideDepth = 1;
    private int dilationDepth = 1;
    private int padFront;
    private int padBack;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#conv3d()}.
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
     * @param weights a tensor of rank 5 of S8 or U8; scales and zero points per tensor or per output channel,
     *        on axis 0
     * @param layout OIDHW or ODHWI, where I is the number of input channels of a group
     * @return this
     * @throws IllegalArgumentException if the type, the shape, the layout or the granularity is none of
     *         these, a dimension is 0 or exceeds 2^31 - 1, or the window has more than 2^31 - 1 rows in all
     *         frames
     */
    public Builder weights(QTensor weights, WeightLayout layout) {
      Operands.requireByte("weights", Objects.requireNonNull(weights, "weights").type());
      boolean channelsFirst = Objects.requireNonNull(layout, "layout") == WeightLayout.OIDHW;
      if (!channelsFirst && layout != WeightLayout.ODHWI) {
        throw new IllegalArgumentException(
            "weights: expected layout OIDHW or ODHWI for a convolution of volumes, got " + layout);
      }
      Shape shape = weights.shape();
      if (shape.rank() != 5 || shape.elements() == 0) {
        throw new IllegalArgumentException("weights: expected a shape of rank 5 without empty dimensions ("
            + layout + "), got " + shape);
      }
      Quantization q = weights.quantization();
      if (q.granularity() == Granularity.PER_GROUP
          || (q.granularity() == Granularity.PER_CHANNEL && q.axis() != 0)) {
        throw new IllegalArgumentException(
            "weights: expected scales per tensor or per channel on axis 0 (output channels), got " + q);
      }
      int depth = shape.intDim(channelsFirst ? 2 : 1);
      long rows = (long) depth * shape.intDim(channelsFirst ? 3 : 2);
      if (rows > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "weights: the rows of all frames of the window, " + rows + ", exceed 2^31 - 1");
      }
      Shape flat = channelsFirst
          ? Shape.of(shape.dim(0), shape.dim(1), rows, shape.dim(4))
          : Shape.of(shape.dim(0), rows, shape.dim(3), shape.dim(4));
      this.weights = ConvWeights.of(QTensor.of(weights.type(), flat, q, weights.data()),
          channelsFirst ? WeightLayout.OIHW : WeightLayout.OHWI);
      this.kernelDepth = depth;
      return this;
    }

    /**
     * Sets the same stride, the distance from one window to the next, in all directions. The default is 1.
     *
     * @param stride pixels, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder stride(int stride) {
      return stride(stride, stride, stride);
    }

    /**
     * Sets the stride, the distance from one window to the next. The default is 1.
     *
     * @param depth frames, 1 or more
     * @param height rows, 1 or more
     * @param width columns, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder stride(int depth, int height, int width) {
      this.strideDepth = Checks.positive("stride depth", depth);
      window.stride(height, width);
      return this;
    }

    /**
     * Sets the dilation, the distance from one tap of a window to the next. The default is 1: adjacent taps.
     *
     * @param depth frames, 1 or more
     * @param height rows, 1 or more
     * @param width columns, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder dilation(int depth, int height, int width) {
      this.dilationDepth = Checks.positive("dilation depth", depth);
      window.dilation(height, width);
      return this;
    }

    /**
     * Sets the same padding on all six sides. The default is 0.
     *
     * @param padding frames, rows and columns, 0 or more
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder padding(int padding) {
      return padding(padding, padding, padding, padding, padding, padding);
    }

    /**
     * Sets the padding on each side, in the order of ONNX.
     *
     * @param front frames before, 0 or more
     * @param top rows above, 0 or more
     * @param left columns on the left, 0 or more
     * @param back frames behind, 0 or more
     * @param bottom rows below, 0 or more
     * @param right columns on the right, 0 or more
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder padding(int front, int top, int left, int back, int bottom, int right) {
      this.padFront = Checks.notNegative("padding front", front);
      this.padBack = Checks.notNegative("padding back", back);
      window.padding(top, left, bottom, right);
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
    public Conv3d prepare() {
      ActivationSpec given = Operands.given("input", input);
      ConvWeights w = Operands.given("weights", weights);
      checkGroups(w, "");
      int outChannels = w.outChannels();
      Conv3dSpec spec = new Conv3dSpec(w, groups,
          new DepthWindow(kernelDepth, strideDepth, dilationDepth, padFront, padBack),
          window.spec(w.height() / kernelDepth, w.width()), given,
          bias.integersFor(outChannels, given, w::scale, output), bias.floatsFor(outChannels, output),
          output.spec());
      ScaleRange.product("input", given, "weights", w.tensor().quantization(), spec.output(), bias.isReal());
      return new Conv3d(dispatch.prepare("conv3d", backend -> backend.conv3d(spec)), spec);
    }
  }
}

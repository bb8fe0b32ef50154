package dev.octet.op;

import dev.octet.QTensor;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.internal.dispatch.Dispatch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builder of a two-dimensional convolution: the settings of {@link Conv2d} and {@link DynamicConv2d}.
 *
 * @param <B> the type of the builder
 */
abstract sealed class ConvBuilder<B extends ConvBuilder<B>> extends ConvolutionBuilder<B>
    permits Conv2d.Builder, DynamicConv2d.Builder {
  private final WindowBuilder window = new WindowBuilder();
  private @Nullable ConvWeights weights;

  /**
   * Creates a builder.
   *
   * @param dispatch chooses the engine and the kernel
   */
  ConvBuilder(Dispatch dispatch) {
    super(dispatch);
  }

  /**
   * Sets the weights. They are read by {@code prepare()}, which packs a copy.
   *
   * @param weights a tensor of rank 4 of S8 or U8; scales and zero points per tensor or per output channel
   * @param layout OHWI, OIHW or HWIO, where I is the number of input channels of a group
   * @return this
   * @throws IllegalArgumentException if the type, the shape, the layout or the granularity is none of these,
   *         or a dimension is 0 or exceeds 2^31 - 1
   */
  public B weights(QTensor weights, WeightLayout layout) {
    if (!Objects.requireNonNull(weights, "weights").type().isByte()) {
      throw new IllegalArgumentException("weights: expected U8 or S8, got " + weights.type());
    }
    this.weights = ConvWeights.of(weights, layout);
    return self();
  }

  /**
   * Sets weights that {@link #pack} packed, by the engine that will run the op.
   *
   * @param weights packed for the groups, stride, dilation and padding of this convolution; or, for a window
   *        of one pixel with stride 1, no padding and no groups, weights of a product with scales per tensor
   *        or per channel
   * @return this
   * @throws IllegalArgumentException if the granularity is none of these
   * @throws IllegalStateException if the packed weights are closed
   */
  public B weights(PackedWeights weights) {
    this.weights = ConvWeights.packed(Objects.requireNonNull(weights, "weights").matrix());
    return self();
  }

  /**
   * Packs the weights for convolutions with the groups, stride, dilation and padding that are set; nothing
   * else of the builder matters.
   *
   * @return the packed weights, to be closed by the caller; they outlive this builder and its Octet
   * @throws IllegalArgumentException if weights are missing, packed already, or do not fit the groups
   * @throws UnsupportedOperationException if no engine of the Octet packs them; the message has every
   *         engine's reason
   * @throws IllegalStateException if the Octet is closed
   */
  public PackedWeights pack() {
    ConvWeights given = checked();
    if (given.packed() != null) {
      throw new IllegalArgumentException("weights: packed already");
    }
    return PackedWeights.pack(dispatch, given, groups, window.spec(given.height(), given.width()));
  }

  /**
   * Sets the same stride, the distance from one window to the next, in both directions. The default is 1.
   *
   * @param stride pixels, 1 or more
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   */
  public B stride(int stride) {
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
  public B stride(int height, int width) {
    window.stride(height, width);
    return self();
  }

  /**
   * Sets the same dilation, the distance from one tap of a window to the next, in both directions. The
   * default is 1: adjacent taps.
   *
   * @param dilation pixels, 1 or more
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   */
  public B dilation(int dilation) {
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
  public B dilation(int height, int width) {
    window.dilation(height, width);
    return self();
  }

  /**
   * Sets the same padding on all four sides. The default is 0.
   *
   * @param padding pixels, 0 or more
   * @return this
   * @throws IllegalArgumentException if it is negative
   */
  public B padding(int padding) {
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
  public B padding(int height, int width) {
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
  public B padding(int top, int left, int bottom, int right) {
    window.padding(top, left, bottom, right);
    return self();
  }

  /**
   * Returns the spec.
   *
   * @param input the images
   * @param perImage whether each image has a scale of its own at run
   * @param inexactEpilogue whether the engine may round in its own way
   * @throws IllegalArgumentException if a required setting is missing or settings do not fit each other
   */
  final Conv2dSpec spec(ActivationSpec input, boolean perImage, boolean inexactEpilogue) {
    ConvWeights given = checked();
    Conv2dSpec spec = new Conv2dSpec(given, groups, window.spec(given.height(), given.width()), input,
        perImage, bias.integersFor(given.outChannels(), input, given::scale, output),
        bias.floatsFor(given.outChannels(), output), output.spec(), inexactEpilogue);
    ScaleRange.product("input", input, "weights", given.quantization(), spec.output(), bias.isReal());
    return spec;
  }

  /** Returns the weights, which fit the groups. */
  private ConvWeights checked() {
    ConvWeights given = Operands.given("weights", weights);
    checkGroups(given, given.packed() == null ? " " + given.tensor().shape() : "");
    return given;
  }
}

package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Weights of a convolution as a tensor {@code [O][H][W][I/groups]}, independent of their layout. Engines read
 * them while they make a kernel, and not later.
 */
public final class ConvWeights {
  /** Of packed weights the end of the layout: rows, columns and input channels of a group. */
  private static final Pattern PACKED = Pattern.compile(".*-(\\d{1,10})x(\\d{1,10})x(\\d{1,10})");

  private final @Nullable QTensor tensor;
  private final @Nullable MatrixWeights packed;
  private final DataType type;
  private final Quantization quantization;
  private final WeightLayout layout;
  private final int out;
  private final int height;
  private final int width;
  private final int in;

  private ConvWeights(QTensor tensor, WeightLayout layout) {
    Shape shape = tensor.shape();
    this.tensor = tensor;
    this.packed = null;
    this.type = tensor.type();
    this.quantization = tensor.quantization();
    this.layout = layout;
    this.out = shape.intDim(outAxis(layout));
    this.height = shape.intDim(switch (layout) {
      case OIHW -> 2;
      case HWIO -> 0;
      default -> 1;
    });
    this.width = shape.intDim(switch (layout) {
      case OIHW -> 3;
      case HWIO -> 1;
      default -> 2;
    });
    this.in = shape.intDim(switch (layout) {
      case OIHW -> 1;
      case HWIO -> 2;
      default -> 3;
    });
  }

  private ConvWeights(MatrixWeights packed, int height, int width, int in) {
    this.tensor = null;
    this.packed = packed;
    this.type = packed.type();
    this.quantization = packed.quantization();
    this.layout = WeightLayout.OHWI;
    this.out = packed.n();
    this.height = height;
    this.width = width;
    this.in = in;
  }

  /**
   * Returns weights that an engine has packed, as a matrix {@code [O][H * W * I]}. The end of the layout of
   * the pack is the window: its rows, columns and input channels of a group, such as {@code -3x3x64}. A pack
   * without is one of a product, whose window is one pixel.
   *
   * @param packed the matrix, OUT_IN
   * @return the weights
   * @throws IllegalArgumentException if the window does not fit the matrix, or the weights have scales per
   *         group
   */
  public static ConvWeights packed(MatrixWeights packed) {
    String layout = Objects.requireNonNull(packed.pack(), "pack").layout();
    if (packed.quantization().granularity() == Granularity.PER_GROUP) {
      throw new IllegalArgumentException(
          "weights: expected scales per tensor or per channel, got " + packed.quantization());
    }
    Matcher window = PACKED.matcher(layout);
    if (!window.matches()) {
      return new ConvWeights(packed, 1, 1, packed.k());
    }
    long height = Long.parseLong(window.group(1));
    long width = Long.parseLong(window.group(2));
    long in = Long.parseLong(window.group(3));
    if (height < 1 || width < 1 || in < 1 || (double) height * width * in != packed.k()) {
      throw new IllegalArgumentException("weights: expected a window of " + packed.k()
          + " weights of each output channel, got packed weights of layout " + layout);
    }
    return new ConvWeights(packed, (int) height, (int) width, (int) in);
  }

  /** The axis of the output channels. */
  private static int outAxis(WeightLayout layout) {
    return layout == WeightLayout.HWIO ? 3 : 0;
  }

  /**
   * Returns weights in a layout.
   *
   * @param tensor a tensor of rank 4; scales per tensor or per output channel, on axis 0, of HWIO on axis 3
   * @param layout OHWI, OIHW or HWIO
   * @return the weights
   * @throws IllegalArgumentException if the rank or the quantization does not fit
   */
  public static ConvWeights of(QTensor tensor, WeightLayout layout) {
    Objects.requireNonNull(tensor, "weights");
    Objects.requireNonNull(layout, "layout");
    if (layout != WeightLayout.OHWI && layout != WeightLayout.OIHW && layout != WeightLayout.HWIO) {
      throw new IllegalArgumentException(
          "weights: expected layout OHWI, OIHW or HWIO for a convolution, got " + layout);
    }
    if (tensor.shape().rank() != 4 || tensor.shape().elements() == 0) {
      throw new IllegalArgumentException(
          "weights: expected a shape of rank 4 without empty dimensions (" + layout
              + "), got " + tensor.shape());
    }
    Quantization q = tensor.quantization();
    boolean wrongAxis = q.granularity() == Granularity.PER_CHANNEL && q.axis() != outAxis(layout);
    if (q.granularity() == Granularity.PER_GROUP || wrongAxis) {
      throw new IllegalArgumentException(
          "weights: expected scales per tensor or per channel on axis " + outAxis(layout) + " (output"
              + " channels), got " + q);
    }
    SegmentAccess.require("weights", tensor.data());
    return new ConvWeights(tensor, layout);
  }

  /**
   * Returns the tensor, for engines that read its memory themselves.
   *
   * @return the tensor
   * @throws UnsupportedOperationException if an engine has packed the weights
   */
  public QTensor tensor() {
    if (tensor == null) {
      return packed.tensor();
    }
    SegmentAccess.require("weights", tensor.data());
    return tensor;
  }

  /**
   * Returns the weights as the matrix that an engine has packed.
   *
   * @return the matrix, or null if these are not packed
   */
  public @Nullable MatrixWeights packed() {
    return packed;
  }

  /**
   * Returns scales and zero points, as those of a tensor in the layout.
   *
   * @return the quantization, per tensor or per output channel
   */
  public Quantization quantization() {
    return quantization;
  }

  /**
   * Returns scales and zero points, as those of a matrix {@code [O][K]}.
   *
   * @return the quantization, per tensor or per channel on axis 0
   */
  public Quantization outIn() {
    boolean moved = quantization.granularity() == Granularity.PER_CHANNEL && quantization.axis() != 0;
    return moved
        ? Quantization.perChannel(0, quantization.scales(), quantization.zeroPoints())
        : quantization;
  }

  /**
   * Returns the order of the dimensions in memory.
   *
   * @return OHWI, OIHW or HWIO
   */
  public WeightLayout layout() {
    return layout;
  }

  /**
   * Returns where a weight is in memory.
   *
   * @param o the output channel
   * @param tap row of the window times its width plus column
   * @param i the input channel within the group
   * @return the index of the element
   */
  public long position(int o, int tap, int i) {
    long taps = (long) height * width;
    return switch (layout) {
      case OIHW -> ((long) o * in + i) * taps + tap;
      case HWIO -> ((long) tap * in + i) * out + o;
      default -> (o * taps + tap) * in + i;
    };
  }

  /**
   * Returns the element type.
   *
   * @return U8 or S8
   */
  public DataType type() {
    return type;
  }

  /**
   * Returns the number of output channels.
   *
   * @return the number
   */
  public int outChannels() {
    return out;
  }

  /**
   * Returns the number of rows of the window.
   *
   * @return the kernel height
   */
  public int height() {
    return height;
  }

  /**
   * Returns the number of columns of the window.
   *
   * @return the kernel width
   */
  public int width() {
    return width;
  }

  /**
   * Returns the number of input channels of a group.
   *
   * @return the number
   */
  public int inPerGroup() {
    return in;
  }

  /**
   * Returns a weight.
   *
   * @param o the output channel
   * @param y the row in the window
   * @param x the column in the window
   * @param i the input channel within the group
   * @return the stored integer
   */
  public int get(int o, int y, int x, int i) {
    // The first element tells memory that cannot be read; for each it would take longer than the element.
    QTensor stored = tensor == null || (o | y | x | i) == 0 ? tensor() : tensor;
    return stored.get(position(o, y * width + x, i));
  }

  /**
   * Returns the scale of an output channel.
   *
   * @param o the output channel
   * @return the scale
   */
  public float scale(int o) {
    return quantization.scale(quantization.count() == 1 ? 0 : o);
  }

  /**
   * Returns the zero point of an output channel.
   *
   * @param o the output channel
   * @return the zero point
   */
  public int zeroPoint(int o) {
    return quantization.zeroPoint(quantization.count() == 1 ? 0 : o);
  }
}

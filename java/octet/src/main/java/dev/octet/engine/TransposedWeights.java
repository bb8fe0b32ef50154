package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.Objects;

/**
 * Weights of a transposed convolution, from each input channel of all groups to each output channel of its
 * group, independent of their layout. Groups share scales and zero points. Engines read them while they make
 * a kernel, and not later.
 */
public final class TransposedWeights {
  private final QTensor tensor;
  private final boolean channelsFirst;
  private final int in;
  private final int out;
  private final int height;
  private final int width;

  private TransposedWeights(QTensor tensor, WeightLayout layout) {
    Shape shape = tensor.shape();
    this.tensor = tensor;
    this.channelsFirst = layout == WeightLayout.IOHW;
    this.in = shape.intDim(channelsFirst ? 0 : 3);
    this.out = shape.intDim(outAxis(layout));
    this.height = shape.intDim(channelsFirst ? 2 : 0);
    this.width = shape.intDim(channelsFirst ? 3 : 1);
  }

  private static int outAxis(WeightLayout layout) {
    return layout == WeightLayout.IOHW ? 1 : 2;
  }

  /**
   * Returns weights in a layout.
   *
   * @param tensor a tensor of rank 4; scales per tensor or per output channel of a group, on axis 1, of HWOI
   *        on axis 2
   * @param layout IOHW or HWOI
   * @return the weights
   * @throws IllegalArgumentException if the rank or the quantization does not fit
   */
  public static TransposedWeights of(QTensor tensor, WeightLayout layout) {
    Objects.requireNonNull(tensor, "weights");
    Objects.requireNonNull(layout, "layout");
    if (layout != WeightLayout.IOHW && layout != WeightLayout.HWOI) {
      throw new IllegalArgumentException(
          "weights: expected layout IOHW or HWOI for a transposed convolution, got " + layout);
    }
    if (tensor.shape().rank() != 4 || tensor.shape().elements() == 0) {
      throw new IllegalArgumentException("weights: expected a shape of rank 4 without empty dimensions ("
          + layout + "), got " + tensor.shape());
    }
    Quantization q = tensor.quantization();
    boolean wrongAxis = q.granularity() == Granularity.PER_CHANNEL && q.axis() != outAxis(layout);
    if (q.granularity() == Granularity.PER_GROUP || wrongAxis) {
      throw new IllegalArgumentException("weights: expected scales per tensor or per channel on axis "
          + outAxis(layout) + " (output channels of a group), got " + q);
    }
    SegmentAccess.require("weights", tensor.data());
    return new TransposedWeights(tensor, layout);
  }

  /**
   * Returns the tensor.
   *
   * @return the tensor
   */
  public QTensor tensor() {
    SegmentAccess.require("weights", tensor.data());
    return tensor;
  }

  /**
   * Returns the element type.
   *
   * @return U8 or S8
   */
  public DataType type() {
    return tensor.type();
  }

  /**
   * Returns the number of input channels of all groups.
   *
   * @return the number
   */
  public int inChannels() {
    return in;
  }

  /**
   * Returns the number of output channels of a group.
   *
   * @return the number
   */
  public int outPerGroup() {
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
   * Returns a weight.
   *
   * @param i the input channel among all
   * @param o the output channel within the group of i
   * @param y the row in the window
   * @param x the column in the window
   * @return the stored integer
   */
  public int get(int i, int o, int y, int x) {
    // The first element tells memory that cannot be read; for each it would take longer than the element.
    QTensor stored = (i | o | y | x) == 0 ? tensor() : tensor;
    return stored.get(channelsFirst
        ? (((long) i * out + o) * height + y) * width + x
        : (((long) y * width + x) * out + o) * in + i);
  }

  /**
   * Returns the scale of an output channel.
   *
   * @param o the output channel within its group
   * @return the scale
   */
  public float scale(int o) {
    return tensor.quantization().scale(tensor.quantization().count() == 1 ? 0 : o);
  }

  /**
   * Returns the zero point of an output channel.
   *
   * @param o the output channel within its group
   * @return the zero point
   */
  public int zeroPoint(int o) {
    return tensor.quantization().zeroPoint(tensor.quantization().count() == 1 ? 0 : o);
  }
}

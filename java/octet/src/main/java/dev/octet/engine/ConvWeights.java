package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.Objects;

/**
 * Weights of a convolution as a logical tensor {@code [O][H][W][I/groups]}, whatever the layout they were
 * given in; read while an engine prepares, never after.
 */
public final class ConvWeights {
  private final QTensor tensor;
  private final boolean oihw;
  private final int out;
  private final int height;
  private final int width;
  private final int in;

  private ConvWeights(QTensor tensor, boolean oihw) {
    Shape shape = tensor.shape();
    this.tensor = tensor;
    this.oihw = oihw;
    this.out = shape.intDim(0);
    this.height = shape.intDim(oihw ? 2 : 1);
    this.width = shape.intDim(oihw ? 3 : 2);
    this.in = shape.intDim(oihw ? 1 : 3);
  }

  /**
   * Weights in a layout.
   *
   * @param tensor of rank 4; scales per tensor or per channel on axis 0
   * @param layout OHWI or OIHW
   * @return the weights
   * @throws IllegalArgumentException if the rank or the quantization does not fit
   */
  public static ConvWeights of(QTensor tensor, WeightLayout layout) {
    Objects.requireNonNull(tensor, "weights");
    Objects.requireNonNull(layout, "layout");
    if (layout != WeightLayout.OHWI && layout != WeightLayout.OIHW) {
      throw new IllegalArgumentException(
          "weights: expected layout OHWI or OIHW for a convolution, got " + layout);
    }
    if (tensor.shape().rank() != 4 || tensor.shape().elements() == 0) {
      throw new IllegalArgumentException(
          "weights: expected a shape of rank 4 without empty dimensions (" + layout
              + "), got " + tensor.shape());
    }
    Quantization q = tensor.quantization();
    boolean wrongAxis = q.granularity() == Granularity.PER_CHANNEL && q.axis() != 0;
    if (q.granularity() == Granularity.PER_GROUP || wrongAxis) {
      throw new IllegalArgumentException(
          "weights: expected scales per tensor or per channel on axis 0 (output"
              + " channels), got " + q);
    }
    return new ConvWeights(tensor, layout == WeightLayout.OIHW);
  }

  /**
   * The given tensor, for engines that read the memory themselves.
   *
   * @return the tensor
   */
  public QTensor tensor() {
    return tensor;
  }

  /**
   * Whether the memory is {@code [O][I/groups][H][W]} instead of {@code [O][H][W][I/groups]}.
   *
   * @return true for OIHW
   */
  public boolean oihw() {
    return oihw;
  }

  /**
   * The element type.
   *
   * @return U8 or S8
   */
  public DataType type() {
    return tensor.type();
  }

  /**
   * Output channels.
   *
   * @return their number
   */
  public int outChannels() {
    return out;
  }

  /**
   * Rows of the window.
   *
   * @return the kernel height
   */
  public int height() {
    return height;
  }

  /**
   * Columns of the window.
   *
   * @return the kernel width
   */
  public int width() {
    return width;
  }

  /**
   * Input channels of a group.
   *
   * @return their number
   */
  public int inPerGroup() {
    return in;
  }

  /**
   * One weight.
   *
   * @param o the output channel
   * @param y the row in the window
   * @param x the column in the window
   * @param i the input channel within the group
   * @return the stored integer
   */
  public int get(int o, int y, int x, int i) {
    return tensor.get(oihw
        ? (((long) o * in + i) * height + y) * width + x
        : (((long) o * height + y) * width + x) * in + i);
  }

  /**
   * The scale of an output channel.
   *
   * @param o the output channel
   * @return its scale
   */
  public float scale(int o) {
    return tensor.quantization().scale(tensor.quantization().count() == 1 ? 0 : o);
  }

  /**
   * The zero point of an output channel.
   *
   * @param o the output channel
   * @return its zero point
   */
  public int zeroPoint(int o) {
    return tensor.quantization().zeroPoint(tensor.quantization().count() == 1 ? 0 : o);
  }
}

package dev.octet.internal.vector.products;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.loops.GroupedPanel;
import dev.octet.internal.vector.loops.GroupedRows;
import dev.octet.internal.vector.loops.ProductLoops;
import java.util.Arrays;

/**
 * Weights of products with float results, in panels of columns and groups along K. 8-bit weights have their
 * zero points subtracted; what does not fit a signed byte then lies in a further plane, to be multiplied by
 * the same rows: sums of planes are sums of products of one sign, so nothing is lost by cancellation. There
 * is one plane unless zero points of 8-bit weights are far from 0. 4-bit weights stay packed, two rows in a
 * byte, unsigned, and have their zero points beside them.
 */
final class GroupPanels {
  private static final ProductLoops LOOPS = Form.PRODUCTS;

  private final GroupedPanel[] panels;
  /** Those of all panels that are not in the panels themselves. */
  private final byte[][][] morePlanes;
  private final int width;
  private final int n;
  private final int k;
  private final int groupSize;

  private GroupPanels(byte[][][] planes, byte[][] zeroPoints, float[][] scales, float[][] minimums, int width,
      int n, int k, int groupSize) {
    this.panels = new GroupedPanel[scales.length];
    for (int i = 0; i < panels.length; i++) {
      panels[i] = new GroupedPanel(planes[0][i], zeroPoints == null ? null : zeroPoints[i], scales[i],
          minimums == null ? null : minimums[i], groupSize);
    }
    this.morePlanes = Arrays.copyOfRange(planes, 1, planes.length);
    this.width = width;
    this.n = n;
    this.k = k;
    this.groupSize = groupSize;
  }

  /**
   * Packs.
   *
   * @param weights S8 with any scales, S4 or U4 per group; read now only
   */
  static GroupPanels of(MatrixWeights weights) {
    int n = weights.n();
    int width = Form.PRODUCTS.panelColumns(n);
    int panels = Math.ceilDiv(n, width);
    boolean grouped = weights.quantization().granularity() == Granularity.PER_GROUP;
    float[][] scales = new float[panels][PanelSize.of(weights.groups(), width)];
    for (int column = 0; column < n; column++) {
      for (int group = 0; group < weights.groups(); group++) {
        scales[column / width][group * width + column % width] = weights.scale(group, column);
      }
    }
    boolean nibbles = !weights.type().isByte();
    return new GroupPanels(nibbles
        ? new byte[][][]{nibbles(weights, panels, width)}
        : planes(weights, panels,
            width),
        nibbles ? zeroPoints(weights, panels, width) : null, scales, null, width, n, weights.k(),
        grouped ? weights.groupSize() : ProductLoops.DEPTH);
  }

  /**
   * Packs weights in a block format.
   *
   * @param weights a matrix {@code [N][K]}; read now only
   */
  static GroupPanels of(BlockTensor weights) {
    BlockFormat format = weights.format();
    int n = (int) weights.rows();
    int k = weights.columns();
    int size = format.groupSize();
    int width = Form.PRODUCTS.panelColumns(n);
    int panels = Math.ceilDiv(n, width);
    float[][] scales = new float[panels][PanelSize.of(weights.groups(), width)];
    float[][] minimums = format.hasMinimum() ? new float[panels][scales[0].length] : null;
    int zeroPoint = format == BlockFormat.Q4_0 ? 8 : 0;
    boolean nibbles = format == BlockFormat.Q4_0 || format == BlockFormat.Q4_1 || format == BlockFormat.Q4_K;
    byte[][] packed = new byte[panels][PanelSize.of(depth(k, nibbles), width)];
    byte[][] zeroPoints = nibbles ? new byte[panels][scales[0].length] : null;
    byte[] integers = new byte[size];
    for (int column = 0; column < n; column++) {
      byte[] panel = packed[column / width];
      int c = column % width;
      for (int group = 0; group < weights.groups(); group++) {
        int parameter = group * width + c;
        scales[column / width][parameter] = weights.scale(column, group);
        if (minimums != null) {
          minimums[column / width][parameter] = weights.minimum(column, group);
        }
        weights.integers(column, group, integers, 0);
        for (int i = 0; i < size; i++) {
          int row = group * size + i;
          if (nibbles) {
            panel[row / 2 * width + c] |= (byte) ((integers[i] + zeroPoint) << (i % 2 * 4));
          } else {
            panel[row * width + c] = integers[i];
          }
        }
        if (nibbles) {
          zeroPoints[column / width][parameter] = (byte) zeroPoint;
        }
      }
    }
    return new GroupPanels(new byte[][][]{packed}, zeroPoints, scales, minimums, width, n, k, size);
  }

  private static byte[][][] planes(MatrixWeights weights, int panels, int width) {
    int k = weights.k();
    byte[][][] planes = new byte[1][panels][PanelSize.of(depth(k, false), width)];
    for (int group = 0; group < weights.groups(); group++) {
      int end = Math.min(k, (group + 1) * weights.groupSize());
      for (int column = 0; column < weights.n(); column++) {
        int zeroPoint = weights.zeroPoint(group, column);
        int panel = column / width;
        for (int i = group * weights.groupSize(); i < end; i++) {
          int rest = weights.get(i, column) - zeroPoint;
          for (int plane = 0; rest != 0; plane++) {
            if (plane == planes.length) {
              planes = Arrays.copyOf(planes, plane + 1);
              planes[plane] = new byte[panels][k * width];
            }
            int part = Math.clamp(rest, Byte.MIN_VALUE, Byte.MAX_VALUE);
            planes[plane][panel][i * width + column % width] = (byte) part;
            rest -= part;
          }
        }
      }
    }
    return planes;
  }

  private static byte[][] nibbles(MatrixWeights weights, int panels, int width) {
    byte[][] packed = new byte[panels][PanelSize.of(depth(weights.k(), true), width)];
    int shift = shift(weights);
    for (int column = 0; column < weights.n(); column++) {
      byte[] panel = packed[column / width];
      for (int i = 0; i < weights.k(); i++) {
        int half = weights.get(i, column) + shift;
        panel[i / 2 * width + column % width] |= (byte) (i % 2 == 0 ? half : half << 4);
      }
    }
    return packed;
  }

  private static byte[][] zeroPoints(MatrixWeights weights, int panels, int width) {
    byte[][] zeroPoints = new byte[panels][weights.groups() * width];
    int shift = shift(weights);
    for (int column = 0; column < weights.n(); column++) {
      for (int group = 0; group < weights.groups(); group++) {
        zeroPoints[column / width][group * width + column % width] = (byte) (weights.zeroPoint(group, column)
            + shift);
      }
    }
    return zeroPoints;
  }

  /** Rows of bytes of a panel, see {@link GroupedPanel}. */
  private static int depth(int k, boolean nibbles) {
    return GroupedPanel.depth(k) / (nibbles ? 2 : 1);
  }

  /** From a weight to the unsigned half that stands for it. */
  private static int shift(MatrixWeights weights) {
    return weights.type() == DataType.S4 ? 8 : 0;
  }

  int width() {
    return width;
  }

  int count() {
    return panels.length;
  }

  /** Rows that share scales; {@link ProductLoops#DEPTH} where all do. A divisor of that. */
  int groupSize() {
    return groupSize;
  }

  /** Whether {@link ProductLoops#multiplyRow} takes the panels: it knows one plane. */
  boolean takesRows() {
    return morePlanes.length == 0;
  }

  /** A panel, without planes beyond the first. */
  GroupedPanel panel(int panel) {
    return panels[panel];
  }

  boolean hasMinimums() {
    return panels[0].minimums() != null;
  }

  /** The index in the scales of a panel of those of the group that begins at a row. */
  private int scale(int row) {
    return groupSize == ProductLoops.DEPTH ? 0 : row / groupSize * width;
  }

  /**
   * Multiplies rows by a part of a panel, group after group, as the law adds them up.
   *
   * @param scratch the rows
   * @param rows how many
   * @param panel of the weights
   * @param row the part's first
   * @param depth its rows
   * @param to where the first result is
   * @param stride from a row of results to the next
   */
  void multiply(Scratch scratch, int rows, int panel, int row, int depth, int to, int stride) {
    GroupedPanel weights = panels[panel];
    if (morePlanes.length > 0) {
      multiplyPlanes(scratch, rows, panel, row, depth, to, stride);
    } else if (weights.zeroPoints() == null) {
      multiply(scratch, rows, 0, weights, weights.weights(), row * width, row, depth, to, stride);
    } else {
      byte[] unpacked = scratch.floats().panel;
      for (int x = 0; x < depth; x += Scratch.UNPACKED_ROWS) {
        int part = Math.min(Scratch.UNPACKED_ROWS, depth - x);
        unpack(weights, row + x, part, unpacked);
        multiply(scratch, rows, x, weights, unpacked, 0, row + x, part, to, stride);
      }
    }
  }

  private void multiply(Scratch scratch, int rows, int first, GroupedPanel panel, byte[] bytes, int at,
      int row,
      int depth, int to, int stride) {
    Scratch.FloatScratch more = scratch.floats();
    LOOPS.multiplyGroups(more.grouped, first, rows, bytes, at, depth, width, groupSize, panel.scales(),
        scale(row), panel.minimums(), scratch.sums, more.results, to, stride);
  }

  private void unpack(GroupedPanel panel, int row, int depth, byte[] to) {
    for (int x = 0; x < depth; x += groupSize) {
      LOOPS.unpack(panel.weights(), (row + x) / 2 * width, Math.ceilDiv(Math.min(groupSize, depth - x), 2),
          width,
          panel.zeroPoints(), scale(row + x), to, x * width);
    }
  }

  private void multiplyPlanes(Scratch scratch, int rows, int panel, int row, int depth, int to, int stride) {
    Scratch.FloatScratch more = scratch.floats();
    GroupedRows from = more.grouped;
    GroupedPanel first = panels[panel];
    for (int x = 0; x < depth; x += groupSize) {
      int size = Math.min(groupSize, depth - x);
      LOOPS.multiply(from.values(), x, rows, first.weights(), (row + x) * width, size, width, scratch.sums);
      for (byte[][] plane : morePlanes) {
        LOOPS.multiply(from.values(), x, rows, plane[panel], (row + x) * width, size, width, more.moreSums);
        for (int r = 0; r < rows; r++) {
          add(more.moreSums[r], scratch.sums[r], width);
        }
      }
      LOOPS.addScaled(scratch.sums, rows, width, from.scales(), x / from.groupSize(), GroupedRows.GROUPS,
          first.scales(), scale(row + x), more.results, to, stride);
    }
  }

  private static void add(float[] more, float[] sums, int width) {
    for (int i = 0; i < width; i++) {
      sums[i] += more[i];
    }
  }

  long bytes() {
    GroupedPanel first = panels[0];
    long weights = (1L + morePlanes.length) * first.weights().length;
    int parameter = 4 + (first.zeroPoints() == null ? 0 : 1) + (first.minimums() == null ? 0 : 4);
    return panels.length * (weights + (long) first.scales().length * parameter);
  }

  int k() {
    return k;
  }

  int n() {
    return n;
  }
}

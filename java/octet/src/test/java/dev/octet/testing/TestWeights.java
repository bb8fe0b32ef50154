package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;

/** A dice weight matrix as a logical table, and packed as a tensor in one of the layouts. */
public final class TestWeights {
  private final int k;
  private final int n;
  private final int groupSize;
  private final int[][] stored;
  private final float[][] scales;
  private final int[][] zeroPoints;
  private final WeightLayout layout;
  private final QTensor tensor;

  /**
   * Random weights.
   *
   * @param groupSize of PER_GROUP, else ignored
   */
  public TestWeights(Dice dice, DataType type, Granularity granularity, int groupSize, int k, int n) {
    this.k = k;
    this.n = n;
    this.groupSize = granularity == Granularity.PER_GROUP ? groupSize : k;
    this.layout = dice.pick(WeightLayout.IN_OUT, WeightLayout.OUT_IN);
    boolean symmetric = dice.oneIn(2);
    int groups = (k + this.groupSize - 1) / this.groupSize;
    this.stored = new int[k][n];
    int mode = dice.between(0, 5);
    for (int[] row : stored) {
      for (int column = 0; column < n; column++) {
        row[column] = TestMemory.value(dice, type, mode);
      }
    }
    this.scales = new float[groups][n];
    this.zeroPoints = new int[groups][n];
    for (int group = 0; group < groups; group++) {
      for (int column = 0; column < n; column++) {
        boolean first = group == 0 && column == 0;
        boolean own = first || granularity != Granularity.PER_TENSOR;
        scales[group][column] = own ? dice.scale() : scales[0][0];
        zeroPoints[group][column] = symmetric
            ? 0
            : granularity == Granularity.PER_GROUP
                ? dice.groupZeroPoint(type)
                : own ? dice.zeroPoint(type) : zeroPoints[0][0];
      }
      if (granularity == Granularity.PER_GROUP) {
        dice.negate(scales[group]);
      }
    }
    this.tensor = QTensor.of(type, outIn() ? Shape.of(n, k) : Shape.of(k, n), quantization(granularity),
        pack(type));
  }

  private boolean outIn() {
    return layout == WeightLayout.OUT_IN;
  }

  private Quantization quantization(Granularity granularity) {
    int groups = scales.length;
    float[] s = new float[groups * n];
    int[] z = new int[groups * n];
    for (int group = 0; group < groups; group++) {
      for (int column = 0; column < n; column++) {
        int index = outIn() ? column * groups + group : group * n + column;
        s[index] = scales[group][column];
        z[index] = zeroPoints[group][column];
      }
    }
    return switch (granularity) {
      case PER_TENSOR -> Quantization.perTensor(s[0], z[0]);
      case PER_CHANNEL -> Quantization.perChannel(outIn() ? 0 : 1, s, z);
      case PER_GROUP -> Quantization.perGroup(outIn() ? 1 : 0, groupSize, s, z);
    };
  }

  private byte[] pack(DataType type) {
    byte[] bytes = new byte[(int) type.bytes((long) k * n)];
    for (int row = 0; row < k; row++) {
      for (int column = 0; column < n; column++) {
        int index = outIn() ? column * k + row : row * n + column;
        if (type.bits() == 8) {
          bytes[index] = (byte) stored[row][column];
        } else {
          int shift = index % 2 * 4; // the even index is the low nibble
          bytes[index / 2] |= (byte) ((stored[row][column] & 0xf) << shift);
        }
      }
    }
    return bytes;
  }

  public QTensor tensor() {
    return tensor;
  }

  public WeightLayout layout() {
    return layout;
  }

  public int n() {
    return n;
  }

  /** Of a row whose values are minus their zero point, over weights first to end - 1 of a column. */
  public int accumulate(int[] centredRow, int first, int end, int column) {
    long sum = 0;
    for (int i = first; i < end; i++) {
      sum += (long) centredRow[i] * centred(i, column);
    }
    return (int) sum;
  }

  /** Minus the zero point. */
  public int centred(int row, int column) {
    return stored[row][column] - zeroPoints[row / groupSize][column];
  }

  public float scale(int group, int column) {
    return scales[group][column];
  }

  /** The real value in binary32. */
  public float real(int row, int column) {
    return Exact.product(centred(row, column), scale(row / groupSize, column));
  }

  @Override
  public String toString() {
    return tensor + " " + layout;
  }
}

package dev.octet.internal.vector.simd;

import dev.octet.internal.vector.loops.GroupedPanel;
import dev.octet.internal.vector.loops.GroupedRows;
import dev.octet.internal.vector.loops.ProductLoops;
import dev.octet.internal.vector.loops.QuantizedRow;
import dev.octet.internal.vector.plain.PlainProducts;

/**
 * Products with the Vector API as soon as it is compiled, see {@link WarmUp}, and by plain loops on the same
 * panels before that; bit by bit the same, sums of floats included.
 */
public final class SimdProducts implements ProductLoops {
  private final VectorProducts fast = new VectorProducts();
  private final PlainProducts cold = new PlainProducts();
  private final WarmUp warmUp = new WarmUp(fast);

  /** One is enough. */
  public SimdProducts() {}

  @Override
  public int panelColumns(int n) {
    return fast.panelColumns(n);
  }

  @Override
  public int rowBlock() {
    return Math.max(fast.rowBlock(), cold.rowBlock());
  }

  @Override
  public void multiply(float[] rows, int from, int count, byte[] panel, int at, int depth, int width,
      float[][] sums) {
    if (warmUp.isOver()) {
      fast.multiply(rows, from, count, panel, at, depth, width, sums);
      return;
    }
    int grouped = VectorProducts.grouped(count);
    if (grouped > 0) {
      cold.multiply(rows, from, Math.min(count, grouped), panel, at, depth, width, sums);
    }
    int steps = count - grouped == 1 ? 4 : 2;
    for (int row = grouped; row < count; row++) {
      for (int column = 0; column < width; column++) {
        sums[row][column] = sum(rows, from + row * STRIDE, panel, at + column, depth, width, steps);
      }
    }
  }

  /** In the order of one or two rows: several sums, each of every so many steps of K. */
  private static float sum(float[] rows, int from, byte[] panel, int at, int depth, int width, int steps) {
    int whole = depth / steps * steps;
    float first = partial(rows, from, panel, at, 0, whole, width, steps);
    float second = partial(rows, from, panel, at, 1, whole, width, steps);
    for (int k = whole; k < depth; k++) {
      first = Math.fma(rows[from + k], (float) panel[at + k * width], first);
    }
    return steps == 2
        ? first + second
        : (first + second) + (partial(rows, from, panel, at, 2, whole, width, steps)
            + partial(rows, from, panel, at, 3, whole, width, steps));
  }

  private static float partial(float[] rows, int from, byte[] panel, int at, int first, int end, int width,
      int step) {
    float sum = 0;
    for (int k = first; k < end; k += step) {
      sum = Math.fma(rows[from + k], (float) panel[at + k * width], sum);
    }
    return sum;
  }

  @Override
  public void multiplyAdd(float[] rows, int count, float[] panel, int at, int depth, int width,
      float[][] sums) {
    (warmUp.isOver() ? fast : cold).multiplyAdd(rows, count, panel, at, depth, width, sums);
  }

  @Override
  public void add(float[][] sums, int count, int width, int[] into, int at, int stride, boolean fresh) {
    (warmUp.isOver() ? fast : cold).add(sums, count, width, into, at, stride, fresh);
  }

  @Override
  public void addScaled(float[][] sums, int count, int width, float[] rowScales, int rowScale,
      int rowScaleStride, float[] columnScales, int columnScale, float[] into, int at, int stride) {
    (warmUp.isOver() ? fast : cold).addScaled(sums, count, width, rowScales, rowScale, rowScaleStride,
        columnScales, columnScale, into, at, stride);
  }

  @Override
  public void multiplyGroups(GroupedRows rows, int first, int count, byte[] panel, int at, int depth,
      int width,
      int size, float[] scales, int scale, float[] minimums, float[][] sums, float[] into, int to,
      int stride) {
    if (warmUp.isOver()) {
      fast.multiplyGroups(rows, first, count, panel, at, depth, width, size, scales, scale, minimums, sums,
          into,
          to, stride);
    } else {
      ProductLoops.super.multiplyGroups(rows, first, count, panel, at, depth, width, size, scales, scale,
          minimums,
          sums, into, to, stride);
    }
  }

  @Override
  public boolean hasRowProducts() {
    return warmUp.isOver();
  }

  @Override
  public void multiplyRow(QuantizedRow row, GroupedPanel panel, int k, int[] sums, float[] results, int at) {
    fast.multiplyRow(row, panel, k, sums, results, at);
  }

  @Override
  public void unpack(byte[] packed, int at, int pairs, int width, byte[] zeroPoints, int zeroPoint,
      byte[] panel, int to) {
    (warmUp.isOver() ? fast : cold).unpack(packed, at, pairs, width, zeroPoints, zeroPoint, panel, to);
  }

  @Override
  public void widen(byte[] bytes, int count, int flip, float[] floats, int at) {
    (warmUp.isOver() ? fast : cold).widen(bytes, count, flip, floats, at);
  }

  @Override
  public float quantize(float[] values, int at, int count) {
    return (warmUp.isOver() ? fast : cold).quantize(values, at, count);
  }
}

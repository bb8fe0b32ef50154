package dev.octet.internal.vector.products;

import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.loops.ProductLoops;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** 8-bit rows times panels of weights, and the epilogue; a tile of matMul and of dynamicMatMul. */
final class IntegerTile {
  private static final ProductLoops LOOPS = Form.PRODUCTS;

  private final Panels panels;
  private final Epilogue epilogue;
  private final int k;
  private final int n;
  private final int flip;

  /**
   * A tile.
   *
   * @param panels the weights
   * @param epilogue from accumulators to results
   * @param k source elements of a row
   * @param n result elements of a row
   * @param flip 0x80 where rows are U8: they are multiplied as S8
   */
  IntegerTile(Panels panels, Epilogue epilogue, int k, int n, int flip) {
    this.panels = panels;
    this.epilogue = epilogue;
    this.k = k;
    this.n = n;
    this.flip = flip;
  }

  /**
   * Multiplies rows by some panels.
   *
   * @param scratch arrays; its staging knows what rows bring but for their sums
   * @param src rows of bytes
   * @param at the first byte
   * @param stride from one row to the next
   * @param rows how many
   * @param first the first panel
   * @param end one behind the last
   * @param dst results
   * @param dstAt the element of the first row and column 0
   * @param dstStride elements from one row to the next
   */
  void run(Scratch scratch, MemorySegment src, long at, long stride, int rows, int first, int end,
      MemorySegment dst, long dstAt, long dstStride) {
    int width = panels.width();
    int together = Scratch.COLUMNS / width;
    for (int panel = first; panel < end; panel += together) {
      int behind = Math.min(end, panel + together);
      int columns = (behind - panel) * width;
      accumulate(scratch, panels.all(), panel, behind, width, src, at, stride, rows, k, flip,
          panel == first, panel == first && epilogue.needsRowSums());
      int c0 = panel * width;
      scratch.staging.accumulators(scratch.accumulatorSegment, 0, columns);
      scratch.staging.output(dst, dstAt + c0, dstStride);
      epilogue.apply(scratch.staging, rows, c0, Math.min(n, behind * width));
    }
  }

  /**
   * Multiplies rows by some panels, into the accumulators of the scratch, dense.
   *
   * @param scratch arrays
   * @param panels the weights
   * @param first the first panel
   * @param end one behind the last
   * @param width of a panel
   * @param src rows of bytes
   * @param at the first byte
   * @param stride from one row to the next
   * @param rows how many
   * @param k bytes of a row
   * @param flip 0x80 where rows are U8
   * @param fresh whether the scratch does not hold these rows yet
   * @param summed whether the sums of the rows are wanted; only if fresh
   */
  static void accumulate(Scratch scratch, byte[][] panels, int first, int end, int width, MemorySegment src,
      long at, long stride, int rows, int k, int flip, boolean fresh, boolean summed) {
    int columns = (end - first) * width;
    for (int k0 = 0; k0 < k; k0 += ProductLoops.DEPTH) {
      int depth = Math.min(ProductLoops.DEPTH, k - k0);
      if (fresh || k > ProductLoops.DEPTH) {
        load(scratch, src, at + k0, stride, rows, depth, flip);
      }
      if (summed) {
        sum(scratch, rows, depth, k0 == 0);
      }
      for (int panel = first; panel < end; panel++) {
        LOOPS.multiply(scratch.rows, 0, rows, panels[panel], k0 * width, depth, width, scratch.sums);
        LOOPS.add(scratch.sums, rows, width, scratch.accumulators, (panel - first) * width, columns, k0 == 0);
      }
    }
  }

  private static void load(Scratch scratch, MemorySegment src, long at, long stride, int rows, int depth,
      int flip) {
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(src, ValueLayout.JAVA_BYTE, at + row * stride, scratch.bytes, 0, depth);
      LOOPS.widen(scratch.bytes, depth, flip, scratch.rows, row * ProductLoops.STRIDE);
    }
  }

  /** The sums of rows as they are multiplied. */
  private static void sum(Scratch scratch, int rows, int depth, boolean firstBlock) {
    for (int row = 0; row < rows; row++) {
      int sum = sum(scratch.rows, row * ProductLoops.STRIDE, depth);
      scratch.rowSums[row] = firstBlock ? sum : scratch.rowSums[row] + sum;
    }
  }

  private static int sum(float[] row, int at, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (int) row[at + i];
    }
    return sum;
  }

  long bytes() {
    return panels.bytes() + epilogue.bytes();
  }
}

package dev.octet.internal.vector;

import dev.octet.internal.epilogue.Epilogue;
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
      for (int k0 = 0; k0 < k; k0 += ProductLoops.DEPTH) {
        int depth = Math.min(ProductLoops.DEPTH, k - k0);
        if (panel == first || k > ProductLoops.DEPTH) {
          load(scratch, src, at + k0, stride, rows, depth, panel == first, k0 == 0);
        }
        for (int p = panel; p < behind; p++) {
          LOOPS.multiply(scratch.rows, 0, rows, panels.panel(p), k0 * width, depth, width, scratch.sums);
          LOOPS.add(scratch.sums, rows, width, scratch.accumulators, (p - panel) * width, columns, k0 == 0);
        }
      }
      int c0 = panel * width;
      scratch.staging.accumulators(scratch.accumulatorSegment, 0, columns);
      scratch.staging.output(dst, dstAt + c0, dstStride);
      epilogue.apply(scratch.staging, rows, c0, Math.min(n, behind * width));
    }
  }

  private void load(Scratch scratch, MemorySegment src, long at, long stride, int rows, int depth,
      boolean firstTime, boolean firstBlock) {
    boolean summed = firstTime && epilogue.needsRowSums();
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(src, ValueLayout.JAVA_BYTE, at + row * stride, scratch.bytes, 0, depth);
      LOOPS.widen(scratch.bytes, depth, flip, scratch.rows, row * ProductLoops.STRIDE);
      if (summed) {
        int sum = sum(scratch.bytes, depth, flip);
        scratch.rowSums[row] = firstBlock ? sum : scratch.rowSums[row] + sum;
      }
    }
  }

  /** The sum of bytes as they are multiplied. */
  static int sum(byte[] bytes, int count, int flip) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (byte) (bytes[i] ^ flip);
    }
    return sum;
  }

  long bytes() {
    return panels.bytes() + epilogue.bytes();
  }

  int panelCount() {
    return panels.count();
  }
}

package dev.octet.internal.vector.products;

import dev.octet.engine.MatrixWeights;
import dev.octet.internal.pack.SignedWeights;
import dev.octet.internal.vector.common.Form;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8-bit weights in panels of columns, {@code [K][width]} signed bytes each: as much memory as the matrix has,
 * but for the last panel, which is filled up with zeros. An array for each panel, so that no matrix is too
 * large for one.
 */
final class Panels {
  private final byte[][] panels;
  private final int width;

  private Panels(byte[][] panels, int width) {
    this.panels = panels;
    this.width = width;
  }

  /** Panels, and what their epilogue wants to know of them. */
  record WithSums(Panels panels, SignedWeights weights) {}

  /**
   * Packs.
   *
   * @param weights S8 or U8, not per group; read now only
   */
  static WithSums of(MatrixWeights weights) {
    int k = weights.k();
    int n = weights.n();
    int width = Form.PRODUCTS.panelColumns(n);
    byte[][] panels = new byte[Math.ceilDiv(n, width)][PanelSize.of(k, width)];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment dense = arena.allocate((long) k * n);
      SignedWeights signed = new SignedWeights(weights, dense);
      for (int panel = 0; panel < panels.length; panel++) {
        pack(dense, (long) panel * width, n, k, Math.min(width, n - panel * width), panels[panel], width);
      }
      return new WithSums(new Panels(panels, width), signed);
    }
  }

  /**
   * Packs some columns of a matrix.
   *
   * @param matrix {@code [k][..]} bytes
   * @param at the byte of the first row's first column
   * @param stride from one row to the next
   * @param k rows
   * @param columns at most width
   * @param panel written; what lies behind the columns stays as it is
   * @param width of the panel
   */
  static void pack(MemorySegment matrix, long at, long stride, int k, int columns, byte[] panel, int width) {
    for (int i = 0; i < k; i++) {
      MemorySegment.copy(matrix, ValueLayout.JAVA_BYTE, at + i * stride, panel, i * width, columns);
    }
  }

  int width() {
    return width;
  }

  int count() {
    return panels.length;
  }

  /** Read only. */
  byte[][] all() {
    return panels;
  }

  long bytes() {
    return (long) panels.length * panels[0].length;
  }
}

package dev.octet.internal.call;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GridTest {
  /** Tiles begin where a panel of a matrix does: columns 0, 64, 70, 134 and 150 of 70 + 80 + 5. */
  @Test
  void columnsOfSeveralMatricesAreCutBetweenPanels() {
    Grid grid = new Grid(new int[]{70, 80, 5}, 64, 1, 1);
    int[] starts = {0, 64, 70, 134, 150, 155};
    grid.cut(3, 3, 5);
    assertEquals(5, grid.tiles());
    for (int tile = 0; tile < 5; tile++) {
      assertEquals(starts[tile], grid.firstColumn(tile));
      assertEquals(starts[tile + 1] - starts[tile], grid.columns(tile));
    }
    grid.cut(3, 3, 2);
    assertEquals(70, grid.columns(0));
    assertEquals(70, grid.firstColumn(1));
    assertEquals(85, grid.columns(1));
    grid.cut(3, 3, 1);
    assertEquals(155, grid.columns(0));
  }

  @Test
  void columnsOfOneMatrixAreCutBetweenPanels() {
    Grid grid = new Grid(150, 64, 1, 1);
    grid.cut(2, 1, 3);
    assertEquals(6, grid.tiles());
    assertEquals(128, grid.firstColumn(4));
    assertEquals(22, grid.columns(4));
    assertEquals(1, grid.firstRow(5));
  }
}

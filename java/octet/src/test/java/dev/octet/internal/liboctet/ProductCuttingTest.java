package dev.octet.internal.liboctet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Isa;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Grid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How products with fixed weights are cut. */
class ProductCuttingTest {
  private static Grid cut(int rows, int k, int n, int threads) {
    ProductCost cost = ProductCost.ofDots(k, n, 8, Isa.AVX512VNNI);
    Grid grid = new Grid(n, ProductCost.PANEL, 24, 1);
    grid.cut(rows, Cutting.PRODUCT.tiles(cost.nanos(rows), threads), cost.weightBytes(), rows);
    return grid;
  }

  /** One row of a small layer takes 3 us: a second thread would make 4.4 of them. */
  @Test
  void aShortCallStaysAlone() {
    assertEquals(1, cut(1, 768, 768, 2).tiles());
    assertEquals(1, cut(128, 768, 768, 1).tiles());
  }

  @Test
  void aLongCallIsShared() {
    assertTrue(cut(1, 4096, 4096, 2).tiles() > 1);
    assertTrue(cut(128, 768, 768, 2).tiles() > 1);
  }

  /** Every element of the result is in one tile. */
  @ParameterizedTest
  @CsvSource({"1,4096,4096,2", "128,768,768,2", "700,768,70,3", "25,3072,65,8", "1000,16,16,4",
      "3,5000,1000,16"})
  void tilesCoverTheResultOnce(int rows, int k, int n, int threads) {
    Grid grid = cut(rows, k, n, threads);
    int[] covered = new int[rows * n];
    for (int tile = 0; tile < grid.tiles(); tile++) {
      for (int row = grid.firstRow(tile); row < grid.firstRow(tile) + grid.rows(tile); row++) {
        for (int c = grid.firstColumn(tile); c < grid.firstColumn(tile) + grid.columns(tile); c++) {
          covered[row * n + c]++;
        }
      }
    }
    for (int i = 0; i < covered.length; i++) {
      assertEquals(1, covered[i], "row " + i / n + " column " + i % n);
    }
  }
}

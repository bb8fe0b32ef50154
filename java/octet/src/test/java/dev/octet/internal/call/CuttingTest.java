package dev.octet.internal.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When calls are shared, and in how many tiles. */
class CuttingTest {
  @Test
  void shortCallsStayAlone() {
    assertEquals(1, Cutting.PRODUCT.tiles(7_999, 16));
    assertEquals(1, Cutting.STREAM.tiles(19_999, 16));
    assertEquals(1, Cutting.PRODUCT.tiles(1e9, 1));
  }

  @Test
  void tilesAreNeitherTooShortNorTooLong() {
    assertEquals(2, Cutting.PRODUCT.tiles(8_000, 16), "4 us each");
    assertEquals(8, Cutting.PRODUCT.tiles(100_000, 2), "four for each thread");
    assertEquals(20, Cutting.PRODUCT.tiles(1_000_000, 2), "50 us each");
    for (int threads = 2; threads < 200; threads++) {
      assertEquals(threads, Cutting.ONEDNN.tiles(12_345.678, threads));
    }
    assertTrue(Cutting.PRODUCT.tiles(1e30, 2) <= 1 << 20);
  }

  @Test
  void partsOfStreamsBeginAtTheGrain() {
    long each = Cutting.STREAM.elements(1_000_000, 160_000, 2, Cutting.GRAIN);
    assertEquals(0, each % Cutting.GRAIN);
    assertEquals(8, Math.ceilDiv(1_000_000, each));
    assertEquals(Cutting.GRAIN, Cutting.STREAM.elements(0, 0, 2, Cutting.GRAIN));
    long many = Cutting.STREAM.elements(Long.MAX_VALUE >>> 3, 1, 2, 1);
    assertTrue(Math.ceilDiv(Long.MAX_VALUE >>> 3, many) <= Integer.MAX_VALUE);
  }
}

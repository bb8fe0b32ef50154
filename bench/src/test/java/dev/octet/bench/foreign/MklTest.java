package dev.octet.bench.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * MKL from Java; what needs it is skipped where the property {@code octet.mkl}, which {@code ci/peers --mkl}
 * prints, is not set.
 */
class MklTest {
  private static final long SEED = 16;

  private static Mkl mkl() {
    assumeTrue(System.getProperty(Mkl.PROPERTY) != null,
        "skipped, no MKL: ci/peers --mkl fetches it, and prints the property " + Mkl.PROPERTY + "=FOLDER");
    return Mkl.here();
  }

  @Test
  void foldersWithoutMkl(@TempDir Path folder) throws IOException {
    assertEquals("expected a folder with libmkl_rt.so.3, which ci/peers --mkl fetches, got " + folder,
        assertThrows(IllegalArgumentException.class, () -> Mkl.open(folder)).getMessage());
    String before = System.getProperty(Mkl.PROPERTY);
    assertThrows(IllegalArgumentException.class, () -> Mkl.use(folder));
    assertEquals(before, System.getProperty(Mkl.PROPERTY));
    Files.createFile(folder.resolve("libmkl_rt.so.3"));
    assertEquals("expected a folder with libmkl_core.so.3, which ci/peers --mkl fetches, got " + folder,
        assertThrows(IllegalArgumentException.class, () -> Mkl.open(folder)).getMessage());
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "7, 33, 17", "16, 96, 40", "5, 700, 64"})
  void sumsAreThoseOfPlainLoops(int m, int k, int n) {
    Mkl mkl = mkl();
    assumeTrue(!mkl.description().contains("not exact"), "skipped, not exact here: " + mkl.description());
    Random random = new Random(SEED);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = bytes(arena, (long) m * k, random);
      MemorySegment weights = bytes(arena, (long) k * n, random);
      MemorySegment sums = arena.allocate(ValueLayout.JAVA_INT, (long) m * n);
      for (int offset : new int[]{0, -128, 127}) {
        for (int threads = 1; threads <= 2; threads++) {
          for (boolean packed : new boolean[]{false, true}) {
            sums.fill((byte) 0x55);
            mkl.new Product(m, k, n, source, offset, weights, sums, threads, packed, arena).run();
            String at = "seed " + SEED + ", offset " + offset + ", threads " + threads + ", packed " + packed;
            for (int i = 0; i < m * n; i++) {
              int expected = 0;
              for (int p = 0; p < k; p++) {
                expected += ((source.get(ValueLayout.JAVA_BYTE, (long) i / n * k + p) & 0xff) + offset)
                    * weights.get(ValueLayout.JAVA_BYTE, (long) p * n + i % n);
              }
              assertEquals(expected, sums.getAtIndex(ValueLayout.JAVA_INT, i), at + " [" + i + "]");
            }
          }
        }
      }
    }
  }

  private static MemorySegment bytes(Arena arena, long count, Random random) {
    byte[] bytes = new byte[Math.toIntExact(count)];
    random.nextBytes(bytes);
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  @Test
  void saysWhatRuns() {
    String description = mkl().description();
    assertTrue(description.matches("MKL \\d+\\.\\d+, libmkl_[a-z0-9]+( \\(not exact\\))?"), description);
  }

  @Test
  void shortOperandsAreRefused() {
    Mkl mkl = mkl();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(48);
      assertRefused("source: expected native memory of 49 bytes or more, got 48", mkl, 7, 7, 1, memory,
          memory,
          memory);
      assertRefused("weights: expected native memory of 49 bytes or more, got 48", mkl, 1, 7, 7, memory,
          memory,
          memory);
      assertRefused("sums: expected native memory of 52 bytes or more, got 48", mkl, 1, 1, 13, memory, memory,
          memory);
      assertRefused("source: expected native memory of 1 bytes or more, got heap memory of 48", mkl, 1, 1, 1,
          MemorySegment.ofArray(new byte[48]), memory, memory);
    }
  }

  private static void assertRefused(String message, Mkl mkl, int m, int k, int n, MemorySegment source,
      MemorySegment weights, MemorySegment sums) {
    assertEquals(message, assertThrows(IllegalArgumentException.class,
        () -> mkl.new Product(m, k, n, source, 0, weights, sums, 1, false, Arena.global())).getMessage());
  }
}

package dev.octet.bench.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.DynamicMatMul;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * ggml from Java; what needs it is skipped where the property {@code octet.ggml}, which {@code ci/peers}
 * prints, is not set.
 */
class GgmlTest {
  private static final String PROPERTY = "octet.ggml";
  private static final long SEED = 15;
  /** Values of each comparison of dequantizations: 2^20. */
  private static final int ROWS = 1024;
  private static final int COLUMNS = 1024;

  private static Ggml ggml() {
    String folder = System.getProperty(PROPERTY);
    assumeTrue(folder != null,
        "skipped, no ggml: ci/peers fetches it, and prints the property " + PROPERTY + "=FOLDER");
    return Ggml.open(Path.of(folder));
  }

  private static void gaussian(MemorySegment floats, Random random, double size) {
    for (long i = 0; i < floats.byteSize() / Float.BYTES; i++) {
      floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextGaussian() * size));
    }
  }

  @Test
  void foldersWithoutGgml(@TempDir Path folder) throws IOException {
    String expected = "expected a folder with libggml-base.so and libggml-cpu-*.so, which ci/peers fetches, got "
        + folder;
    assertEquals(expected,
        assertThrows(IllegalArgumentException.class, () -> Ggml.open(folder)).getMessage());
    Files.createFile(folder.resolve("libggml-base.so"));
    assertEquals(expected,
        assertThrows(IllegalArgumentException.class, () -> Ggml.open(folder)).getMessage());
  }

  @Test
  void memoryIsCheckedBeforeGgmlIsCalled() {
    Ggml ggml = ggml();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment floats = arena.allocate(4 * 256);
      MemorySegment blocks = arena.allocate(144);
      assertThrows(IllegalArgumentException.class,
          () -> ggml.quantize(BlockFormat.Q4_K, floats, blocks, 1, 128));
      assertThrows(IllegalArgumentException.class,
          () -> ggml.quantize(BlockFormat.Q4_K, floats, blocks, 2, 256));
      assertThrows(IllegalArgumentException.class,
          () -> ggml.dequantize(BlockFormat.Q5_K, blocks, floats, 256));
      ggml.quantize(BlockFormat.Q4_K, floats, blocks, 1, 256);
    }
  }

  /** Octet reads blocks as ggml does: those of ggml's quantizer, and random bits. */
  @ParameterizedTest
  @EnumSource
  void dequantizationIsGgmls(BlockFormat format) {
    Ggml ggml = ggml();
    Random random = new Random(SEED);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment floats = arena.allocate(4L * ROWS * COLUMNS, 64);
      for (int row = 0; row < ROWS; row++) {
        gaussian(floats.asSlice(4L * row * COLUMNS, 4L * COLUMNS), random, Math.pow(10, row % 8 - 5));
      }
      MemorySegment blocks = arena.allocate(Ggml.bytes(format, (long) ROWS * COLUMNS), 64);
      ggml.quantize(format, floats, blocks, ROWS, COLUMNS);
      int quantized = differences(ggml, format, blocks, floats);
      RandomBlocks.fill(format, blocks, RandomBlocks.Scales.ANY_FINITE, random);
      int any = differences(ggml, format, blocks, floats);
      System.out.printf(
          "%s: of %d values dequantized by ggml %s and by Octet, %d differ; of random blocks, %d%n",
          format, ROWS * COLUMNS, ggml.version(), quantized, any);
      assertEquals(0, quantized, "seed " + SEED);
      assertEquals(0, any, "of random blocks, seed " + SEED);
    }
  }

  private static int differences(Ggml ggml, BlockFormat format, MemorySegment blocks, MemorySegment floats) {
    ggml.dequantize(format, blocks, floats, (long) ROWS * COLUMNS);
    BlockTensor tensor = BlockTensor.of(format, Shape.of(ROWS, COLUMNS), blocks);
    float[] own = new float[COLUMNS];
    int count = 0;
    for (int row = 0; row < ROWS; row++) {
      tensor.dequantize(row, own);
      for (int i = 0; i < COLUMNS; i++) {
        int theirs = floats.getAtIndex(ValueLayout.JAVA_INT, (long) row * COLUMNS + i);
        if (Float.floatToRawIntBits(own[i]) != theirs) {
          count++;
        }
      }
    }
    return count;
  }

  /** A graph of two products, by one and by two threads, of one row and of some. */
  @ParameterizedTest
  @EnumSource
  void products(BlockFormat format) {
    Ggml ggml = ggml();
    int k = 512;
    int n = 64;
    Random random = new Random(SEED);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> matrices = List.of(arena.allocate(Ggml.bytes(format, (long) n * k), 64),
          arena.allocate(Ggml.bytes(format, (long) n * k), 64));
      matrices.forEach(blocks -> RandomBlocks.fill(format, blocks, RandomBlocks.Scales.ALIKE, random));
      for (int count = 1; count <= 2; count++) {
        for (int m : new int[]{1, 5}) {
          try (GgmlThreads threads = new GgmlThreads(ggml, count);
              GgmlProduct product = new GgmlProduct(ggml, format, matrices, m, k, n, threads)) {
            gaussian(product.input(), random, 1);
            product.run();
            threads.rest();
            product.run();
            for (int i = 0; i < 2; i++) {
              BlockTensor weights = BlockTensor.of(format, Shape.of(n, k), matrices.get(i));
              double error = error(weights, product.input(), product.output(i), m);
              assertTrue(error < 0.02, format + ", " + m + " rows, " + count + " threads: error " + error);
            }
          }
        }
      }
    }
  }

  /**
   * Octet's results are as near to the exact ones as ggml's, whose rows have a scale for each 32 or 256
   * elements. Weights are those of ggml's quantizer; rows are Gaussian, and in half of them one element of
   * 100 is 20 times larger, as activations have it.
   */
  @ParameterizedTest
  @EnumSource
  void errorIsNoMoreThanGgmls(BlockFormat format) {
    Ggml ggml = ggml();
    int m = 64;
    int k = 1024;
    int n = 1024;
    Random random = new Random(SEED);
    try (Arena arena = Arena.ofConfined(); Octet octet = Octet.open()) {
      MemorySegment floats = arena.allocate(4L * n * k, 64);
      gaussian(floats, random, 0.02);
      MemorySegment blocks = arena.allocate(Ggml.bytes(format, (long) n * k), 64);
      ggml.quantize(format, floats, blocks, n, k);
      BlockTensor weights = BlockTensor.of(format, Shape.of(n, k), blocks);
      MemorySegment own = arena.allocate(4L * m * n, 64);
      try (GgmlThreads threads = new GgmlThreads(ggml, 1);
          GgmlProduct product = new GgmlProduct(ggml, format, List.of(blocks), m, k, n, threads);
          DynamicMatMul op = octet.dynamicMatMul().weights(weights).prepare()) {
        gaussian(product.input(), random, 1);
        for (int i = 0; i < m * k / 2; i++) {
          if (random.nextInt(100) == 0) {
            product.input().setAtIndex(ValueLayout.JAVA_FLOAT, i,
                20 * product.input().getAtIndex(ValueLayout.JAVA_FLOAT, i));
          }
        }
        product.run();
        op.run(product.input(), own, m);
        double theirs = error(weights, product.input(), product.output(0), m);
        double ours = error(weights, product.input(), own, m);
        System.out.printf("%s: error %.5f by Octet, %.5f by ggml %s, ratio %.4f%n", format, ours, theirs,
            ggml.version(), ours / theirs);
        assertTrue(ours <= 1.005 * theirs, format + ": " + ours + " against " + theirs + ", seed " + SEED);
      }
    }
  }

  /** The root of the mean square error, as a share of that of the exact results. */
  private static double error(BlockTensor weights, MemorySegment x, MemorySegment y, int m) {
    int k = weights.columns();
    int n = (int) weights.rows();
    float[] row = new float[k];
    double error = 0;
    double power = 0;
    for (int output = 0; output < n; output++) {
      weights.dequantize(output, row);
      for (int i = 0; i < m; i++) {
        double exact = 0;
        for (int j = 0; j < k; j++) {
          exact += (double) row[j] * x.getAtIndex(ValueLayout.JAVA_FLOAT, (long) i * k + j);
        }
        double difference = y.getAtIndex(ValueLayout.JAVA_FLOAT, (long) i * n + output) - exact;
        error += difference * difference;
        power += exact * exact;
      }
    }
    return Math.sqrt(error / power);
  }
}

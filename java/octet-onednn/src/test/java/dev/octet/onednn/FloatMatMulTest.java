package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.WeightLayout;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The FP32 baseline within the error bound of float arithmetic, against sums in double precision. */
class FloatMatMulTest {
  private static final long SEED = 20250101;

  @Test
  void multipliesWithinTheBoundOfFloats() {
    Random random = new Random(SEED);
    int[][] sizes = {{1, 1, 1}, {1, 64, 64}, {5, 3, 200}, {64, 768, 70}, {17, 33, 129}};
    for (int[] size : sizes) {
      for (WeightLayout layout : new WeightLayout[]{WeightLayout.IN_OUT, WeightLayout.OUT_IN}) {
        check(new CallerOnly(), size[0], size[1], size[2], layout, false, random);
        check(new ThreeShares(), size[0], size[1], size[2], layout, true, random);
      }
    }
  }

  private static void check(Workers workers, int m, int k, int n, WeightLayout layout, boolean biased,
      Random random) {
    try (Arena arena = Arena.ofConfined()) {
      float[] w = Floats.gaussian(random, k * n);
      float[] bias = biased ? Floats.gaussian(random, n) : null;
      try (FloatMatMul matMul = new FloatMatMul(workers, MemorySegment.ofArray(w), layout, k, n, bias, m)) {
        assertTrue(matMul.kernel().startsWith("onednn:"), matMul.kernel());
        for (int rows : new int[]{m, m + 3, 0}) {
          float[] x = Floats.gaussian(random, rows * k);
          MemorySegment y = arena.allocate(4L * rows * n);
          matMul.run(arena.allocateFrom(ValueLayout.JAVA_FLOAT, x), y, rows);
          for (int i = 0; i < rows * n; i++) {
            double expected = biased ? bias[i % n] : 0;
            double magnitude = Math.abs(expected);
            for (int j = 0; j < k; j++) {
              double product = (double) x[i / n * k + j]
                  * w[layout == WeightLayout.IN_OUT ? j * n + i % n : i % n * k + j];
              expected += product;
              magnitude += Math.abs(product);
            }
            assertEquals(expected, y.getAtIndex(ValueLayout.JAVA_FLOAT, i), (k + 1) * 0x1p-23 * magnitude,
                rows + "x" + k + "x" + n + " " + layout + " seed " + SEED + " element " + i);
          }
        }
      }
    }
  }
}

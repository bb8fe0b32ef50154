package dev.octet.op;

import static dev.octet.testing.Refusals.illegalArgument;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Layer norm by hand, against binary64, and every error. */
class LayerNormTest {
  private static final long SEED = 6;
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static float[] run(LayerNorm.Builder builder, float[] residual, float... x) {
    float[] y = new float[x.length];
    try (LayerNorm op = builder.prepare()) {
      MemorySegment from = MemorySegment.ofArray(x);
      MemorySegment to = MemorySegment.ofArray(y);
      if (residual == null) {
        op.run(from, to, x.length / op.columns());
      } else {
        op.run(from, MemorySegment.ofArray(residual), to, x.length / op.columns());
      }
    }
    return y;
  }

  @Test
  void byHand() {
    // Mean 3 and deviation 2; mean -1 and deviation 1.
    assertArrayEquals(new float[]{-1, 1, 1, -1},
        run(octet.layerNorm().weights(1, 1).epsilon(0), null, 1, 5, 0, -2));
    assertArrayEquals(new float[]{-10 + 7, 20 - 7},
        run(octet.layerNorm().weights(10, 20).bias(7, -7).epsilon(0), null, 1, 5));
    // Variance 4, with 5 of epsilon deviation 3.
    assertArrayEquals(new float[]{-2 / 3f, 2 / 3f},
        run(octet.layerNorm().weights(1, 1).epsilon(5), null, 1, 5), 1e-7f);
    assertArrayEquals(new float[]{-1, 1},
        run(octet.layerNorm().weights(1, 1).epsilon(0), new float[]{-4, 2}, 5, 3));
    // A row of one number has no variance.
    assertArrayEquals(new float[]{3}, run(octet.layerNorm().weights(2).bias(3), null, 77));
  }

  @Test
  void whatIsNoNumber() {
    float nan = Float.NaN;
    LayerNorm.Builder builder = octet.layerNorm().weights(1, 1).epsilon(0);
    assertArrayEquals(new float[]{nan, nan}, run(builder, null, 1, nan));
    assertArrayEquals(new float[]{nan, nan}, run(builder, null, 1, Float.NEGATIVE_INFINITY));
    assertArrayEquals(new float[]{nan, nan}, run(builder, null, 4, 4));
  }

  @Test
  void againstBinary64() {
    Random random = new Random(SEED);
    double worst = 0;
    for (int number = 0; number < 2000; number++) {
      int columns = 2 + random.nextInt(number % 10 == 0 ? 3000 : 200);
      float shift = new float[]{0, 1, 100}[number % 3];
      float[] x = new float[columns];
      float[] weights = new float[columns];
      float[] bias = new float[columns];
      double mean = 0;
      double most = 0;
      for (int i = 0; i < columns; i++) {
        x[i] = shift + (float) random.nextGaussian();
        weights[i] = (float) random.nextGaussian();
        bias[i] = (float) random.nextGaussian();
        mean += (double) x[i] / columns;
        most = Math.max(most, Math.abs(x[i]));
      }
      double variance = 0;
      for (float v : x) {
        variance += (v - mean) * (v - mean) / columns;
      }
      float[] y = run(octet.layerNorm().weights(weights).bias(bias), null, x);
      for (int i = 0; i < columns; i++) {
        double factor = weights[i] / Math.sqrt(variance + 1e-5f);
        double expected = (x[i] - mean) * factor + bias[i];
        double bound = 0x1p-24 * (8 + columns / 64.0) * (most * Math.abs(factor) + Math.abs(expected));
        worst = Math.max(worst, Math.abs(y[i] - expected) / bound);
      }
    }
    double found = worst;
    System.out.println("layer norm against binary64: at most " + found + " of the bound, seed " + SEED);
    assertTrue(worst <= 1, () -> found + " of the bound");
  }

  @Test
  void errors() {
    illegalArgument("weights: not given", () -> octet.layerNorm().prepare());
    illegalArgument("weights: expected a number for each column, got none",
        () -> octet.layerNorm().weights());
    illegalArgument("bias: expected finite numbers, got NaN at 1",
        () -> octet.layerNorm().bias(1, Float.NaN));
    illegalArgument("bias: expected 2 numbers, as many as weights, got 3",
        () -> octet.layerNorm().weights(1, 2).bias(1, 2, 3).prepare());
    illegalArgument("epsilon: expected a finite number >= 0, got -1.0", () -> octet.layerNorm().epsilon(-1));
    illegalArgument("epsilon: expected a finite number >= 0, got NaN",
        () -> octet.layerNorm().epsilon(Float.NaN));
    MemorySegment six = MemorySegment.ofArray(new float[6]);
    MemorySegment other = MemorySegment.ofArray(new float[6]);
    LayerNorm op = octet.layerNorm().weights(1, 2, 3).prepare();
    illegalArgument("rows: expected >= 0, got -1", () -> op.run(six, other, -1));
    illegalArgument("x: expected at least 36 bytes, got 24", () -> op.run(six, other, 3));
    illegalArgument("y: expected at least 24 bytes, got 12", () -> op.run(six, other.asSlice(12), 2));
    illegalArgument("residual: expected at least 24 bytes, got 12",
        () -> op.run(six, other.asSlice(12), other, 2));
    illegalArgument("y: expected memory of its own, but it overlaps residual",
        () -> op.run(six, other, other, 2));
    illegalArgument("y: the segment is read-only", () -> op.run(six, other.asReadOnly(), 2));
    op.run(six, six, 2);
    op.close();
    assertThrows(IllegalStateException.class, () -> op.run(six, other, 2));
  }
}

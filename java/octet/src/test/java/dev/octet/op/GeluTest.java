package dev.octet.op;

import static dev.octet.testing.Refusals.illegalArgument;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.GeluForm;
import dev.octet.Octet;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** GELU by hand, against binary64, and every error. */
class GeluTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static float[] run(GeluForm form, float... x) {
    float[] y = new float[x.length];
    try (Gelu op = octet.gelu(form)) {
      op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), x.length);
    }
    return y;
  }

  @Test
  void byHand() {
    for (GeluForm form : GeluForm.values()) {
      assertArrayEquals(new float[]{0, -0f, 100, -0f, -0f, Float.POSITIVE_INFINITY, Float.NaN, Float.NaN},
          run(form, 0, -0f, 100, -1e10f, -Float.MAX_VALUE, Float.POSITIVE_INFINITY,
              Float.NEGATIVE_INFINITY, Float.NaN));
    }
    // 1 * Phi(1), and the two forms apart.
    assertArrayEquals(new float[]{0.8413447f, -0.15865526f}, run(GeluForm.ERF, 1, -1), 1e-7f);
    assertArrayEquals(new float[]{0.841192f, -0.158808f}, run(GeluForm.TANH, 1, -1), 1e-7f);
  }

  private static void within(GeluForm form, DoubleUnaryOperator real) {
    float[] x = new float[200_001];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - 100_000) * 1e-4f;
    }
    float[] y = run(form, x);
    double worst = 0;
    for (int i = 0; i < x.length; i++) {
      double error = Math.abs(y[i] - real.applyAsDouble(x[i]));
      worst = Math.max(worst, x[i] == 0 ? error : error / Math.abs(x[i]));
    }
    double found = worst / 0x1p-22;
    System.out.println(form + " against binary64: at most " + found + " of the bound");
    assertTrue(found <= 1, () -> found + " of the bound");
  }

  @Test
  void againstBinary64() {
    within(GeluForm.ERF, Activation.GELU);
    within(GeluForm.TANH, Activation.GELU_TANH);
  }

  @Test
  void errors() {
    MemorySegment six = MemorySegment.ofArray(new float[6]);
    MemorySegment other = MemorySegment.ofArray(new float[6]);
    Gelu op = octet.gelu(GeluForm.ERF);
    illegalArgument("n: expected >= 0, got -1", () -> op.run(six, other, -1));
    illegalArgument("x: expected at least 28 bytes, got 24", () -> op.run(six, other, 7));
    illegalArgument("y: expected at least 24 bytes, got 20", () -> op.run(six, other.asSlice(4), 6));
    illegalArgument("y: the segment is read-only", () -> op.run(six, other.asReadOnly(), 6));
    illegalArgument("x: size 9223372036854775807 x 4 overflows 64 bits",
        () -> op.run(six, other, Long.MAX_VALUE));
    op.run(six, six, 6);
    op.run(MemorySegment.NULL, MemorySegment.NULL, 0);
    op.close();
    assertThrows(IllegalStateException.class, () -> op.run(six, other, 6));
  }
}

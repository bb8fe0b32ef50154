package dev.octet.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.HighPrecision;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The error function against its alternating series in BigDecimal. */
class ErrorFunctionTest {
  @Test
  void theJudgeIsRight() {
    MathContext mc = new MathContext(50);
    // Printed in tables: pi, e, ln 2, erfc(1/2), erfc(3).
    assertEquals("3.14159265358979323846264338327950288419",
        HighPrecision.pi(mc).toString().substring(0, 40));
    assertEquals("2.71828182845904523536028747135266249775",
        HighPrecision.exp(BigDecimal.ONE, mc).toString().substring(0, 40));
    assertEquals("0.69314718055994530941723212145817656807",
        HighPrecision.log(BigDecimal.TWO, mc).toString().substring(0, 40));
    assertEquals("0.4795001221869534623172533461080",
        HighPrecision.erfc(0.5, 40).toPlainString().substring(0, 33));
    assertEquals("0.00002209049699858544137277612958",
        HighPrecision.erfc(3, 40).toPlainString().substring(0, 34));
  }

  private static double error(double x) {
    return new BigDecimal(ErrorFunction.erfc(x)).subtract(HighPrecision.erfc(x, 30)).abs().doubleValue();
  }

  @Test
  void isWithinTenToTheMinus15() {
    for (double x = -6.5; x <= 6.5; x += 1 / 32.0) {
      assertTrue(error(x) < 1e-15, "erfc(" + x + ") is off by " + error(x));
    }
    long seed = 3;
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      double x = random.nextDouble(-3, 3);
      assertTrue(error(x) < 1e-15, "seed " + seed + ": erfc(" + x + ") is off by " + error(x));
    }
    // Both sides of where series and continued fraction meet.
    for (double x : new double[]{-2, Math.nextUp(-2.0), Math.nextDown(2.0), 2}) {
      assertTrue(error(x) < 1e-15, "erfc(" + x + ") is off by " + error(x));
    }
  }

  @Test
  void keepsItsDigitsInTheTail() {
    for (double x = 2; x < 26.5; x += 1.73) {
      double relative = error(x) / ErrorFunction.erfc(x);
      assertTrue(relative < 4e-15, "erfc(" + x + ") is off by " + relative + " of itself");
    }
  }

  @Test
  void endsAreExact() {
    assertEquals(1, ErrorFunction.erfc(0));
    assertEquals(1, ErrorFunction.erfc(-0.0));
    assertEquals(2, ErrorFunction.erfc(-7));
    assertEquals(0, ErrorFunction.erfc(28.5));
    assertEquals(0, ErrorFunction.erfc(1e300));
    assertEquals(2, ErrorFunction.erfc(-1e300));
  }
}

package dev.octet.testing;

import java.math.BigDecimal;
import java.math.MathContext;

/** Elementary functions to as many decimal digits as asked for, by series that the library does not use. */
public final class HighPrecision {
  private HighPrecision() {}

  /** Machin: pi = 16 arctan(1/5) - 4 arctan(1/239). */
  public static BigDecimal pi(MathContext mc) {
    return BigDecimal.valueOf(16).multiply(arctanOfInverse(5, mc))
        .subtract(BigDecimal.valueOf(4).multiply(arctanOfInverse(239, mc)), mc);
  }

  private static BigDecimal arctanOfInverse(int n, MathContext mc) {
    BigDecimal square = BigDecimal.valueOf((long) n * n);
    BigDecimal power = BigDecimal.ONE.divide(BigDecimal.valueOf(n), mc);
    BigDecimal sum = power;
    for (int k = 3; power.precision() - power.scale() > -mc.getPrecision(); k += 2) {
      power = power.divide(square, mc).negate();
      sum = sum.add(power.divide(BigDecimal.valueOf(k), mc), mc);
    }
    return sum;
  }

  /** Taylor's series of x / 2^k, squared k times. */
  public static BigDecimal exp(BigDecimal x, MathContext mc) {
    MathContext more = new MathContext(mc.getPrecision() + 20);
    int halvings = Math.max(0, x.precision() - x.scale()) * 4 + 8;
    BigDecimal reduced = x.divide(BigDecimal.TWO.pow(halvings), more);
    BigDecimal term = BigDecimal.ONE;
    BigDecimal sum = term;
    for (int n = 1; term.signum() != 0 && term.precision() - term.scale() > -more.getPrecision(); n++) {
      term = term.multiply(reduced, more).divide(BigDecimal.valueOf(n), more);
      sum = sum.add(term, more);
    }
    for (int i = 0; i < halvings; i++) {
      sum = sum.multiply(sum, more);
    }
    return sum.round(mc);
  }

  /** Newton's step from binary64's logarithm doubles its 15 digits; two steps, to 40 digits and more. */
  public static BigDecimal log(BigDecimal x, MathContext mc) {
    BigDecimal y = new BigDecimal(Math.log(x.doubleValue()));
    for (int step = 0; step < 2; step++) {
      y = y.add(x.multiply(exp(y.negate(), mc), mc), mc).subtract(BigDecimal.ONE, mc);
    }
    return y;
  }

  /** The alternating series around 0 (DLMF 7.6.1), with the digits that its cancellation eats. */
  public static BigDecimal erfc(double at, int digits) {
    // Terms grow to exp(x^2), the result shrinks to exp(-x^2): 0.87 = 2 / ln 10 digits for each unit of x^2.
    MathContext mc = new MathContext(digits + 20 + (int) (0.87 * at * at));
    BigDecimal x = new BigDecimal(at);
    BigDecimal square = x.multiply(x);
    BigDecimal power = x;
    BigDecimal sum = x;
    for (int n = 1; power.signum() != 0 && power.precision() - power.scale() > -mc.getPrecision(); n++) {
      power = power.multiply(square, mc).divide(BigDecimal.valueOf(-n), mc);
      sum = sum.add(power.divide(BigDecimal.valueOf(2L * n + 1), mc), mc);
    }
    BigDecimal erf = sum.multiply(BigDecimal.TWO, mc).divide(pi(mc).sqrt(mc), mc);
    return BigDecimal.ONE.subtract(erf, mc);
  }
}

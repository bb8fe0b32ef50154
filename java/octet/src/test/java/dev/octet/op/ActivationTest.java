package dev.octet.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.HighPrecision;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Activations against their definitions in BigDecimal. */
class ActivationTest {
  private static final MathContext MC = new MathContext(45);
  private static final BigDecimal ONE = BigDecimal.ONE;

  private static BigDecimal exp(BigDecimal x) {
    return HighPrecision.exp(x, MC);
  }

  private static BigDecimal tanh(BigDecimal x) {
    BigDecimal square = exp(x.multiply(BigDecimal.TWO));
    return square.subtract(ONE).divide(square.add(ONE), MC);
  }

  private static BigDecimal softplus(BigDecimal x) {
    return HighPrecision.log(ONE.add(exp(x)), MC);
  }

  private static BigDecimal clamp(BigDecimal x, int lo, int hi) {
    return x.max(BigDecimal.valueOf(lo)).min(BigDecimal.valueOf(hi));
  }

  private static BigDecimal definition(Activation activation, double at) {
    BigDecimal x = new BigDecimal(at);
    BigDecimal six = BigDecimal.valueOf(6);
    return switch (activation) {
      case RELU -> x.max(BigDecimal.ZERO);
      case RELU6 -> clamp(x, 0, 6);
      case SIGMOID -> ONE.divide(ONE.add(exp(x.negate())), MC);
      case TANH -> tanh(x);
      case GELU -> {
        // 1 + erf(x / sqrt(2)) = erfc(-x / sqrt(2)); what a double keeps of that argument is put right by the
        // derivative, -2 / sqrt(pi) exp(-z^2).
        BigDecimal z = x.negate().divide(BigDecimal.TWO.sqrt(MC), MC);
        BigDecimal rest = z.subtract(new BigDecimal(z.doubleValue()));
        BigDecimal slope = exp(z.multiply(z).negate()).multiply(BigDecimal.valueOf(-2))
            .divide(HighPrecision.pi(MC).sqrt(MC), MC);
        BigDecimal erfc = HighPrecision.erfc(z.doubleValue(), 40).add(rest.multiply(slope));
        yield x.multiply(erfc).divide(BigDecimal.TWO, MC);
      }
      case GELU_TANH -> {
        BigDecimal cubic = x.add(x.pow(3).multiply(new BigDecimal("0.044715")));
        BigDecimal u = cubic.multiply(BigDecimal.TWO.divide(HighPrecision.pi(MC), MC).sqrt(MC), MC);
        yield x.multiply(ONE.add(tanh(u))).divide(BigDecimal.TWO, MC);
      }
      case SILU -> x.divide(ONE.add(exp(x.negate())), MC);
      case MISH -> x.multiply(tanh(softplus(x)), MC);
      case SOFTPLUS -> softplus(x);
      case ELU -> at < 0 ? exp(x).subtract(ONE) : x;
      case HARD_SIGMOID -> clamp(x.add(BigDecimal.valueOf(3)), 0, 6).divide(six, MC);
      case HARD_SWISH -> x.multiply(clamp(x.add(BigDecimal.valueOf(3)), 0, 6)).divide(six, MC);
    };
  }

  @ParameterizedTest
  @EnumSource
  void isItsDefinition(Activation activation) {
    long seed = 17;
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      double x = i < 65 ? (i - 32) / 4.0 : random.nextGaussian() * 4;
      double y = activation.applyAsDouble(x);
      double error = definition(activation, x).subtract(new BigDecimal(y)).abs().doubleValue();
      double bound = 1e-15 * Math.max(1, Math.abs(x));
      assertTrue(error <= bound,
          activation + "(" + x + ") = " + y + " is off by " + error + ", seed " + seed);
    }
  }

  @ParameterizedTest
  @EnumSource
  void hasItsLimitsFarOut(Activation activation) {
    // The largest real number that 8 bits can stand for is 255 * 3.4e38.
    double far = 255 * (double) Float.MAX_VALUE;
    double left = switch (activation) {
      case TANH, ELU -> -1;
      default -> 0;
    };
    double right = switch (activation) {
      case SIGMOID, TANH, HARD_SIGMOID -> 1;
      case RELU6 -> 6;
      default -> far;
    };
    assertEquals(left, activation.applyAsDouble(-far) + 0.0);
    assertEquals(right, activation.applyAsDouble(far), 1e-15 * right);
  }

  @Test
  void smallValuesKeepTheirDigits() {
    // Far left all of these are small differences of large numbers unless computed with care.
    for (Activation activation : new Activation[]{Activation.SIGMOID, Activation.GELU, Activation.GELU_TANH,
        Activation.SILU, Activation.SOFTPLUS, Activation.MISH}) {
      double y = activation.applyAsDouble(-7.25);
      BigDecimal exact = definition(activation, -7.25);
      double relative = exact.subtract(new BigDecimal(y)).divide(exact, MC).abs().doubleValue();
      assertTrue(relative < 2e-14, activation + " is off by " + relative + " of itself");
    }
  }
}

package dev.octet.op;

import java.util.function.DoubleUnaryOperator;

/**
 * Activation function for {@link Lookup}, in binary64. The functions use {@link StrictMath}, so that their
 * tables are the same on every platform, which {@link Math} does not guarantee for {@code exp} and
 * {@code tanh}. Arguments are finite. Any other function of one variable may be passed as a lambda.
 */
public enum Activation implements DoubleUnaryOperator {
  /** {@code max(x, 0)}. */
  RELU,
  /** {@code min(max(x, 0), 6)}. */
  RELU6,
  /** {@code 1 / (1 + exp(-x))}. */
  SIGMOID,
  /** The hyperbolic tangent. */
  TANH,
  /** {@code x / 2 * (1 + erf(x / sqrt(2)))}: ONNX Gelu, PyTorch's default. */
  GELU,
  /**
   * {@code x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))}: ONNX Gelu with approximate = "tanh", as in
   * GPT-2. Computed as {@code x * sigmoid} of twice the tangent's argument, which is the same and does not
   * cancel.
   */
  GELU_TANH,
  /** {@code x * sigmoid(x)}, also called Swish. */
  SILU,
  /** {@code x * tanh(softplus(x))}. */
  MISH,
  /** {@code log(1 + exp(x))}. */
  SOFTPLUS,
  /** {@code x} for 0 and above, {@code exp(x) - 1} below 0: ONNX Elu with its default alpha of 1. */
  ELU,
  /** {@code min(max(x + 3, 0), 6) / 6}: PyTorch's and MobileNetV3's, ONNX HardSigmoid with alpha = 1/6. */
  HARD_SIGMOID,
  /** {@code x * min(max(x + 3, 0), 6) / 6}: ONNX HardSwish. */
  HARD_SWISH;

  /**
   * Returns the value of this function.
   *
   * @param x a finite number
   * @return the value
   */
  @Override
  public double applyAsDouble(double x) {
    return switch (this) {
      case RELU -> Math.max(x, 0);
      case RELU6 -> relu6(x);
      case SIGMOID -> 1 / (1 + StrictMath.exp(-x));
      case TANH -> StrictMath.tanh(x);
      case GELU -> x / 2 * ErrorFunction.erfc(-x * Math.sqrt(0.5));
      case GELU_TANH -> x / (1 + StrictMath.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case SILU -> x / (1 + StrictMath.exp(-x));
      case MISH -> x * StrictMath.tanh(softplus(x));
      case SOFTPLUS -> softplus(x);
      case ELU -> x < 0 ? StrictMath.expm1(x) : x;
      case HARD_SIGMOID -> relu6(x + 3) / 6;
      case HARD_SWISH -> x * relu6(x + 3) / 6;
    };
  }

  private static double relu6(double x) {
    return Math.min(Math.max(x, 0), 6);
  }

  /** Returns {@code log(1 + exp(x))} without overflow, and accurate where exp(x) is small. */
  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }
}

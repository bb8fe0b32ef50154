package dev.octet;

/** Which function GELU is computed by. */
public enum GeluForm {
  /** {@code x * (1 + erf(x / sqrt(2))) / 2}, the definition; ONNX's approximate "none". */
  ERF,
  /**
   * {@code x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2}, an approximation that models are trained
   * with; ONNX's approximate "tanh".
   */
  TANH
}

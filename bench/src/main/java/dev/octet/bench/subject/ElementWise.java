package dev.octet.bench.subject;

import dev.octet.Quantization;

/** The parameters of the element-wise cases; zero points that are not 0, as in real models. */
final class ElementWise {
  /** Reals of -1 to 1 as U8. */
  static final Quantization REAL = Quantization.perTensor(1 / 127.5f, 128);
  /** The first operand of a binary op, S8. */
  static final Quantization LEFT = Quantization.perTensor(0.02f, -3);
  /** The second operand of a binary op, S8. */
  static final Quantization RIGHT = Quantization.perTensor(0.03f, 5);
  /** Their sum, S8. */
  static final Quantization SUM = Quantization.perTensor(0.035f, 1);
  /** Their product, S8. */
  static final Quantization PRODUCT = Quantization.perTensor(0.04f, 1);
  /** The argument of the sigmoid, U8. */
  static final Quantization LOGIT = Quantization.perTensor(0.05f, 128);
  /** Its value, U8. */
  static final Quantization PROBABILITY = Quantization.perTensor(1 / 255f, 0);
  /** Accumulators of two million at a scale of 0.001 to 0.002, as S8. */
  static final Quantization ACCUMULATED = Quantization.perTensor(24f, 0);

  private ElementWise() {}
}

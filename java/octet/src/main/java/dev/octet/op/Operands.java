package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.ActivationSpec;

/** Checks of operands that several builders share. */
final class Operands {
  private Operands() {}

  static void perTensor(String operand, DataType type, Quantization quantization) {
    if (quantization.granularity() != Granularity.PER_TENSOR) {
      throw new IllegalArgumentException(operand + ": expected one scale per tensor, got " + quantization);
    }
    quantization.checkZeroPoints(operand, type);
  }

  static ActivationSpec activation(String operand, DataType type, Quantization quantization) {
    requireByte(operand, type);
    perTensor(operand, type, quantization);
    return new ActivationSpec(type, false, quantization.scale(0), quantization.zeroPoint(0));
  }

  static ActivationSpec activationAtRun(String operand, DataType type) {
    requireByte(operand, type);
    return new ActivationSpec(type, true, 1, 0);
  }

  private static void requireByte(String operand, DataType type) {
    if (!type.isByte()) {
      throw new IllegalArgumentException(operand + ": expected U8 or S8, got " + type);
    }
  }
}

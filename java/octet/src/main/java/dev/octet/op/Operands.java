package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.engine.ActivationSpec;
import dev.octet.internal.dispatch.Checks;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks of operands for several builders. */
final class Operands {
  private Operands() {}

  static void perTensor(String operand, DataType type, Quantization quantization) {
    Objects.requireNonNull(quantization, () -> operand + " quantization");
    if (quantization.granularity() != Granularity.PER_TENSOR) {
      throw new IllegalArgumentException(operand + ": expected one scale per tensor, got " + quantization);
    }
    quantization.checkPositiveScales(operand);
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

  /** Returns a setting that a builder requires, or throws if it is missing. */
  static <T> T given(String operand, @Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException(operand + ": not given");
    }
    return value;
  }

  static void sameType(String operand, DataType type, String other, DataType expected) {
    if (type != expected) {
      throw new IllegalArgumentException(
          operand + ": expected " + expected + ", the type of " + other + ", got " + type);
    }
  }

  /**
   * Returns the size of a number of elements in bytes.
   *
   * @throws IllegalArgumentException if it overflows a long
   */
  static long bytes(String operand, DataType type, long elements) {
    return type.bits() < 8 ? type.bytes(elements) : Checks.product(operand, elements, type.bits() / 8);
  }

  /** Returns the product of the dimensions outside an axis, for a shape without empty dimensions. */
  static long outer(Shape shape, int axis) {
    long product = 1;
    for (int a = 0; a < axis; a++) {
      product *= shape.dim(a);
    }
    return product;
  }

  /** Returns the product of the dimensions inside an axis, for a shape without empty dimensions. */
  static long inner(Shape shape, int axis) {
    long product = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      product *= shape.dim(a);
    }
    return product;
  }

  /** Returns a copy of numbers, at least one, all finite. */
  static float[] finite(String operand, float[] numbers) {
    Objects.requireNonNull(numbers, operand);
    if (numbers.length == 0) {
      throw new IllegalArgumentException(operand + ": expected a number for each column, got none");
    }
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isFinite(numbers[i])) {
        throw new IllegalArgumentException(
            operand + ": expected finite numbers, got " + numbers[i] + " at " + i);
      }
    }
    return numbers.clone();
  }

  static void requireByte(String operand, DataType type) {
    Objects.requireNonNull(type, () -> operand + " type");
    if (!type.isByte()) {
      throw new IllegalArgumentException(operand + ": expected U8 or S8, got " + type);
    }
  }
}

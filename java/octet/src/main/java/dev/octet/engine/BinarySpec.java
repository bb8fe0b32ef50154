package dev.octet.engine;

import dev.octet.BinaryOp;
import dev.octet.DataType;

/**
 * An op on two quantized tensors, element by element.
 *
 * @param op what is done
 * @param left the first operand, per tensor
 * @param right the second operand, per tensor, of the same type as the first
 * @param output S8 or U8, of the same type as the operands
 */
public record BinarySpec(BinaryOp op, ActivationSpec left, ActivationSpec right, OutputSpec output) {
  /** The type of the operands and the result. */
  public DataType type() {
    return output.type();
  }

  /** The arithmetic, with all its numbers. */
  public BinaryLaw law() {
    return BinaryLaw.of(this);
  }
}

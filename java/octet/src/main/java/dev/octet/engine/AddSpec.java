package dev.octet.engine;

/**
 * Sum of two quantized tensors of the same shape.
 *
 * @param left the first operand, per tensor
 * @param right the second operand, per tensor, of the same type as the first
 * @param output S8 or U8, of the same type as the operands
 */
public record AddSpec(ActivationSpec left, ActivationSpec right, OutputSpec output) {
  /** What the integers of the first operand are multiplied by. */
  public float leftFactor() {
    return left.scale() / output.scale();
  }

  /** What the integers of the second operand are multiplied by. */
  public float rightFactor() {
    return right.scale() / output.scale();
  }

  /** What is added to both products: the zero points of all three. */
  public float fixed() {
    return output.zeroPoint()
        - Math.fma(leftFactor(), left.zeroPoint(), rightFactor() * right.zeroPoint());
  }
}

package dev.octet;

/**
 * An op on two quantized tensors, element by element; see {@link dev.octet.op.Binary}. In real numbers:
 */
public enum BinaryOp {
  /** {@code a + b}; the arithmetic of ONNX Runtime's QLinearAdd. */
  ADD,
  /** {@code a - b}; the arithmetic of {@link #ADD} with the scale of b negated. */
  SUBTRACT,
  /** {@code a * b}; the arithmetic of ONNX Runtime's QLinearMul. */
  MULTIPLY,
  /** The greater of a and b. */
  MAXIMUM,
  /** The lesser of a and b. */
  MINIMUM,
  /** {@code a / b}; a number divided by 0 saturates by its sign, 0 divided by 0 gives the smallest result. */
  DIVIDE
}

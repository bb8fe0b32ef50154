package dev.octet;

/**
 * The order in which weights are given. Weights are read in {@code prepare()} only; what an engine makes of
 * them is its own affair.
 */
public enum WeightLayout {
  /** Matrix {@code [K][N]}: input features outside, output features inside (TensorFlow, ONNX MatMul). */
  IN_OUT,
  /** Matrix {@code [N][K]}: output features outside, input features inside (PyTorch's Linear). */
  OUT_IN,
  /** Convolution {@code [O][H][W][I/groups]}. */
  OHWI,
  /** Convolution {@code [O][I/groups][H][W]} (PyTorch, ONNX). */
  OIHW
}

package dev.octet;

/**
 * Order of the dimensions of weights. It describes the tensor that an op is built from; {@code prepare()}
 * packs the weights in an order of the engine's choice.
 */
public enum WeightLayout {
  /** Matrix {@code [K][N]}: input features outside, output features inside (TensorFlow, ONNX MatMul). */
  IN_OUT,
  /** Matrix {@code [N][K]}: output features outside, input features inside (PyTorch's Linear). */
  OUT_IN,
  /** Convolution {@code [O][H][W][I/groups]}. */
  OHWI,
  /** Convolution {@code [O][I/groups][H][W]} (PyTorch, ONNX). */
  OIHW,
  /** Convolution {@code [H][W][I/groups][O]} (TensorFlow, JAX); scales per channel are on axis 3. */
  HWIO,
  /**
   * Transposed convolution {@code [I][O/groups][H][W]} (PyTorch, ONNX); scales per channel are on axis 1 and
   * shared by the groups.
   */
  IOHW,
  /**
   * Transposed convolution {@code [H][W][O/groups][I]} (TensorFlow); scales per channel are on axis 2 and
   * shared by the groups.
   */
  HWOI,
  /** Convolution of volumes {@code [O][I/groups][D][H][W]} (PyTorch, ONNX). */
  OIDHW,
  /** Convolution of volumes {@code [O][D][H][W][I/groups]}. */
  ODHWI
}

package dev.octet.engine;

/** Kernel for a {@link SgemmSpec}. */
public interface SgemmKernel extends Kernel {
  /**
   * Multiplies.
   *
   * @param call F32 operands, with k and n of the weights and without a right operand where the spec has
   *        weights; no scales and zero points; the result is not empty and disjoint from the operands
   */
  void run(BatchMatMulCall call);
}

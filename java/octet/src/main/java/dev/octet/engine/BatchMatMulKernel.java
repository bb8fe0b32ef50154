package dev.octet.engine;

/** Kernel of a batch of products of two operands that are passed to each run. */
public interface BatchMatMulKernel extends Kernel {
  /**
   * Multiplies a batch of matrices.
   *
   * @param call operands, sizes and strides, all checked and no size 0; not kept
   */
  void run(BatchMatMulCall call);
}

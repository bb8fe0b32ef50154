package dev.octet.engine;

/** Two run-time operands. */
public interface BatchMatMulKernel extends Kernel {
  /**
   * Multiplies.
   *
   * @param call operands, sizes and strides, checked
   */
  void run(BatchMatMulCall call);
}

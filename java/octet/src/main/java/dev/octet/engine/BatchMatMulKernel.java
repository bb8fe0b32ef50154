package dev.octet.engine;

/** Two run-time operands. */
public interface BatchMatMulKernel extends Kernel {
  /**
   * Multiplies.
   *
   * @param call operands, sizes and strides, checked, no size 0; lent until this returns
   */
  void run(BatchMatMulCall call);
}

package dev.octet.internal.scalar;

import dev.octet.engine.Backend;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;

/** Engine SCALAR. */
public final class ScalarBackend implements Backend {
  @Override
  public String describe() {
    return "plain Java loops, one thread";
  }

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    return new ScalarMatMul(spec);
  }
}

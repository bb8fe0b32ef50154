package dev.octet.internal.liboctet;

import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import java.util.Locale;

/** Engine NATIVE at work for one Octet. */
final class NativeBackend implements Backend {
  private final BackendContext context;

  NativeBackend(BackendContext context) {
    this.context = context;
  }

  @Override
  public String describe() {
    return "liboctet, " + context.isa().name().toLowerCase(Locale.ROOT) + " kernels";
  }

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    return NativeMatMul.prepare(context, spec);
  }
}

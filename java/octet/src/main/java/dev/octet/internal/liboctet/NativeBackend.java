package dev.octet.internal.liboctet;

import dev.octet.engine.AddKernel;
import dev.octet.engine.AddSpec;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.engine.LookupKernel;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.engine.RequantizeKernel;
import dev.octet.engine.RequantizeSpec;
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

  @Override
  public BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    return new NativeBatchMatMul(context, spec);
  }

  @Override
  public QuantizeKernel quantize(QuantizeSpec spec) {
    return NativeConversion.quantize(context, spec);
  }

  @Override
  public QuantizeKernel dequantize(QuantizeSpec spec) {
    return NativeConversion.dequantize(context, spec);
  }

  @Override
  public DynamicQuantizeKernel dynamicQuantize() {
    return new NativeDynamicQuantize(context);
  }

  @Override
  public RequantizeKernel requantize(RequantizeSpec spec) {
    return new NativeRequantize(context, spec);
  }

  @Override
  public AddKernel add(AddSpec spec) {
    return new NativeAdd(context, spec);
  }

  @Override
  public LookupKernel lookup(byte[] table) {
    return new NativeLookup(context, table);
  }
}

package dev.octet.internal.vector;

import dev.octet.engine.AddKernel;
import dev.octet.engine.AddSpec;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.engine.LookupKernel;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.engine.RequantizeKernel;
import dev.octet.engine.RequantizeSpec;
import dev.octet.internal.parallel.Workers;

/** Engine VECTOR at work for one Octet. */
final class VectorBackend implements Backend {
  private final Workers workers;

  VectorBackend(BackendContext context) {
    this.workers = context.workers();
  }

  @Override
  public String describe() {
    return Form.describe();
  }

  @Override
  public QuantizeKernel quantize(QuantizeSpec spec) {
    return VectorConversion.quantize(workers, spec);
  }

  @Override
  public QuantizeKernel dequantize(QuantizeSpec spec) {
    return VectorConversion.dequantize(workers, spec);
  }

  @Override
  public DynamicQuantizeKernel dynamicQuantize() {
    return new VectorDynamicQuantize(workers);
  }

  @Override
  public RequantizeKernel requantize(RequantizeSpec spec) {
    return new VectorRequantize(workers, spec);
  }

  @Override
  public AddKernel add(AddSpec spec) {
    return new VectorAdd(workers, spec);
  }

  @Override
  public LookupKernel lookup(byte[] table) {
    return new VectorLookup(workers, table);
  }

  @Override
  public PoolKernel pool(PoolSpec spec) {
    return new VectorPool(workers, spec);
  }

  @Override
  public ConcatKernel concat(ConcatSpec spec) {
    return new VectorConcat(workers, spec);
  }
}

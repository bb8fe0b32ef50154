package dev.octet.internal.vector;

import dev.octet.Quantization.Granularity;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;

/** Engine VECTOR at work for one Octet. */
final class VectorBackend implements Backend {
  private final VectorContext products;

  VectorBackend(BackendContext context) {
    this.products = new VectorContext(context);
  }

  @Override
  public String describe() {
    return Form.describe();
  }

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    return VectorMatMul.prepare(products, spec);
  }

  @Override
  public FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    return spec.weights().quantization().granularity() == Granularity.PER_GROUP
        ? VectorFloatMatMul.dynamicGroups(products, spec)
        : VectorDynamicMatMul.prepare(products, spec);
  }

  @Override
  public FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
    return VectorFloatMatMul.weightOnly(products, spec);
  }

  @Override
  public BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    return new VectorBatchMatMul(products, spec);
  }
}

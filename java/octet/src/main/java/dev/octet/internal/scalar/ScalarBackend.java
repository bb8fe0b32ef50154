package dev.octet.internal.scalar;

import dev.octet.Quantization.Granularity;
import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
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

  @Override
  public FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    return spec.weights().tensor().quantization().granularity() == Granularity.PER_GROUP
        ? new ScalarGroupMatMul(spec)
        : new ScalarDynamicMatMul(spec);
  }

  @Override
  public FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
    return new ScalarWeightOnlyMatMul(spec);
  }

  @Override
  public BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    return new ScalarBatchMatMul(spec);
  }

  @Override
  public Conv2dKernel conv2d(Conv2dSpec spec) {
    return new ScalarConv2d(spec);
  }
}

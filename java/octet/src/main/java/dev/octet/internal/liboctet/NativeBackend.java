package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.WeightPack;
import java.lang.foreign.MemorySegment;

/** Engine NATIVE at work for one Octet. */
final class NativeBackend implements Backend {
  private final BackendContext context;

  NativeBackend(BackendContext context) {
    this.context = context;
  }

  @Override
  public String describe() {
    return "liboctet, " + Names.lower(context.isa()) + " kernels";
  }

  @Override
  public WeightPack pack(MatrixWeights weights) {
    return weights.quantization().granularity() == Granularity.PER_GROUP
        ? PackedGroups.pack(weights, context.isa())
        : PackedMatrix.pack(weights, context.isa());
  }

  @Override
  public WeightPack map(String layout, DataType type, Quantization quantization, int k, int n,
      MemorySegment content, Runnable free) {
    if (layout.equals(PackedMatrix.layout(context.isa()))) {
      return PackedMatrix.map(context.isa(), k, n, content, free);
    }
    if (layout.equals(PackedGroups.layout(context.isa()))) {
      return PackedGroups.map(type, quantization, k, n, context.isa(), content, free);
    }
    throw new UnsupportedOperationException("the weights are packed as " + layout + ", kernels of "
        + Names.lower(context.isa()) + " read " + PackedMatrix.layout(context.isa()) + " and "
        + PackedGroups.layout(context.isa()) + ": pack them again");
  }

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    return NativeMatMul.prepare(context, spec);
  }

  @Override
  public FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    return NativeGroupMatMul.prepare(context, spec);
  }

  @Override
  public FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
    return NativeWeightOnlyMatMul.prepare(context, spec);
  }
}

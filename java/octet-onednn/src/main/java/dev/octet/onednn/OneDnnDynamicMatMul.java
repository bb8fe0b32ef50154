package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.BackendContext;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.RowQuantizer;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.pack.SignedWeights;
import java.lang.foreign.MemorySegment;

/** Float rows, quantized one by one to unsigned bytes, times fixed weights with a scale per column. */
final class OneDnnDynamicMatMul extends RowKernel implements FloatMatMulKernel {
  private final String name;

  private OneDnnDynamicMatMul(BackendContext context, FloatMatMulSpec spec, IntProduct product,
      Epilogue epilogue) {
    super(context, product, epilogue, spec.weights().k(), spec.weights().n(), DataType.F32, DataType.F32);
    this.name = "onednn:quantize+" + product.implementation() + Names.epilogue(DataType.F32);
  }

  static OneDnnDynamicMatMul prepare(BackendContext context, Int8Rule rule, FloatMatMulSpec spec) {
    if (spec.weights().tensor().quantization().granularity() == Granularity.PER_GROUP) {
      throw new UnsupportedOperationException(
          "dynamicMatMul: weights per group are not offered, per channel are");
    }
    if (spec.perTensor()) {
      throw new UnsupportedOperationException("not offered: dynamicMatMul with one scale of all rows");
    }
    int k = spec.weights().k();
    int n = spec.weights().n();
    try (NativeMemory matrix = NativeMemory.allocate((long) k * n)) {
      Epilogue epilogue = Epilogue.of(spec, new SignedWeights(spec.weights(), matrix.segment()), 0);
      return new OneDnnDynamicMatMul(context, spec,
          new IntProduct(rule, "dynamicMatMul", matrix.segment(), k, n, context.workers().threads()),
          epilogue);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return heldBytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return scratchOf(rows);
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    multiply(src, srcStride, null, null, dst, dstStride, rows);
  }

  @Override
  void prepare(State state, RowCall call, int first, int rows) {
    MemorySegment dst = state.source.reserve(form, rows);
    RowQuantizer.run(state.staging, call.src.segment, call.src.first + first * call.srcStride, call.srcStride,
        dst, 0, form.inner(), rows, form.k(), state.rowScales, state.rowZeroPoints,
        needsRowSums() ? state.rowSums : null, 0);
    state.source.repeat(form, rows);
  }
}

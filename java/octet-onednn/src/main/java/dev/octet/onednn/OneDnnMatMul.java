package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.pack.SignedWeights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8-bit rows times fixed 8-bit weights, exact: oneDNN stops at the accumulator. Signed rows are carried as
 * unsigned ones with 128 added, which oneDNN multiplies at full speed; compensation is in the epilogue.
 */
final class OneDnnMatMul extends RowKernel implements MatMulKernel {
  private final boolean signed;
  private final String name;

  private OneDnnMatMul(BackendContext context, MatMulSpec spec, IntProduct product, Epilogue epilogue) {
    super(context, product, epilogue, spec.weights().k(), spec.weights().n(), spec.input().type(),
        spec.output().type());
    this.signed = spec.input().type() == DataType.S8;
    this.name = "onednn:" + product.implementation() + Names.epilogue(spec.output().type());
  }

  static MatMulKernel prepare(BackendContext context, Int8Rule rule, MatMulSpec spec) {
    int k = spec.weights().k();
    int n = spec.weights().n();
    try (NativeMemory matrix = NativeMemory.allocate((long) k * n)) {
      SignedWeights weights = new SignedWeights(spec.weights(), matrix.segment());
      if (FusedMatMul.fits(spec, weights)) {
        try {
          return FusedMatMul.prepare(context, rule, spec, weights, matrix);
        } catch (UnsupportedOperationException e) {
          // Allowed is not asked for: exact where oneDNN cannot, or refused below for the same reason.
        }
      }
      int offset = spec.input().type() == DataType.S8 ? 128 : 0;
      Epilogue epilogue = Epilogue.of(spec, weights, offset, false);
      return new OneDnnMatMul(context, spec,
          new IntProduct(rule, "matMul", matrix.segment(), k, n, context.workers().threads()), epilogue);
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
  public void run(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    multiply(src, srcStride, rowScales, rowZeroPoints, dst, dstStride, rows);
  }

  @Override
  void prepare(State state, RowCall call, int first, int rows) {
    if (call.rowScales.isGiven()) {
      copyParameters(call.rowScales, first, state.rowScales, rows);
      if (call.rowZeroPoints.isGiven()) {
        copyParameters(call.rowZeroPoints, first, state.rowZeroPoints, rows);
      } else {
        for (int row = 0; row < rows; row++) {
          state.rowZeroPoints.set(ValueLayout.JAVA_INT, 4L * row, 0);
        }
      }
    }
    take(state.source, call.src, first * call.srcStride, call.srcStride, rows, signed);
    if (needsRowSums()) {
      state.source.sums(form, rows, state.rowSums);
    }
  }

  private static void copyParameters(Operand all, int first, MemorySegment ofBand, int rows) {
    MemorySegment.copy(all.segment, 4 * (all.first + first), ofBand, 0, 4L * rows);
  }
}

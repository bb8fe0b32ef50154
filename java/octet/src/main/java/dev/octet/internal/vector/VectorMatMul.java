package dev.octet.internal.vector;

import dev.octet.DataType;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.internal.epilogue.Epilogue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** 8-bit rows times fixed weights. */
final class VectorMatMul extends RowProduct implements MatMulKernel {
  private final IntegerTile tile;
  private final String name;

  private VectorMatMul(VectorContext context, MatMulSpec spec, Panels panels, Epilogue epilogue, int flip) {
    super(context, spec.weights().k(), spec.weights().n(), panels.count(), 1, spec.output().type().bits() / 8);
    this.tile = new IntegerTile(panels, epilogue, spec.weights().k(), spec.weights().n(), flip);
    this.name = Names.matMul(spec);
  }

  static VectorMatMul prepare(VectorContext context, MatMulSpec spec) {
    Panels.WithSums packed = Panels.of(spec.weights());
    boolean unsigned = spec.input().type() == DataType.U8;
    Epilogue epilogue = Epilogue.of(spec, packed.weights(), unsigned ? -128 : 0, false);
    return new VectorMatMul(context, spec, packed.panels(), epilogue, unsigned ? 0x80 : 0);
  }

  @Override
  void tile(Call call, Scratch scratch, int firstRow, int rows, int firstPanel, int endPanel) {
    MemorySegment scales = null;
    if (call.rowScales.segment != null) {
      MemorySegment.copy(call.rowScales.segment, ValueLayout.JAVA_FLOAT_UNALIGNED,
          4 * (call.rowScales.first + firstRow), scratch.rowScales, 0, rows);
      scales = scratch.rowScaleSegment;
    }
    MemorySegment zeroPoints = null;
    if (call.rowZeroPoints.segment != null) {
      MemorySegment.copy(call.rowZeroPoints.segment, ValueLayout.JAVA_INT_UNALIGNED,
          4 * (call.rowZeroPoints.first + firstRow), scratch.rowZeroPoints, 0, rows);
      zeroPoints = scratch.rowZeroPointSegment;
    }
    scratch.staging.rows(scales, zeroPoints, scratch.rowSumSegment, 0);
    tile.run(scratch, call.src.segment, call.src.first + firstRow * call.srcStride, call.srcStride, rows,
        firstPanel, endPanel, call.dst.segment, call.dst.first + firstRow * call.dstStride, call.dstStride);
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    multiply(src, srcStride, rowScales, rowZeroPoints, dst, dstStride, rows);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return tile.bytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return Scratch.heap();
  }
}

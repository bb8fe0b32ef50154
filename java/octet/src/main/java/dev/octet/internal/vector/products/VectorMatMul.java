package dev.octet.internal.vector.products;

import dev.octet.DataType;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.vector.common.Names;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.common.VectorContext;
import java.lang.foreign.MemorySegment;

/** 8-bit rows times fixed weights. */
public final class VectorMatMul extends RowProduct implements MatMulKernel {
  private final IntegerTile tile;
  private final String name;

  private VectorMatMul(VectorContext context, MatMulSpec spec, Panels panels, Epilogue epilogue, int flip) {
    super(context, spec.weights().k(), spec.weights().n(), panels.count(), 1,
        spec.output().type().bits() / 8);
    this.tile = new IntegerTile(panels, epilogue, spec.weights().k(), spec.weights().n(), flip);
    this.name = Names.matMul(spec);
  }

  public static VectorMatMul prepare(VectorContext context, MatMulSpec spec) {
    Panels.WithSums packed = Panels.of(spec.weights());
    boolean unsigned = spec.input().type() == DataType.U8;
    Epilogue epilogue = Epilogue.of(spec, packed.weights(), unsigned ? -128 : 0, false);
    return new VectorMatMul(context, spec, packed.panels(), epilogue, unsigned ? 0x80 : 0);
  }

  @Override
  void tile(RowCall call, Scratch scratch, int firstRow, int rows, int firstPanel, int endPanel) {
    scratch.rows(call.rowScales.segment, call.rowScales.first + firstRow, call.rowZeroPoints.segment,
        call.rowZeroPoints.first + firstRow, rows);
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

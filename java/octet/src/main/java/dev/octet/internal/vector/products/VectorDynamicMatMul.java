package dev.octet.internal.vector.products;

import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.RowQuantizer;
import dev.octet.internal.vector.common.Names;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.common.VectorContext;
import java.lang.foreign.MemorySegment;

/** Float rows, each quantized to U8 on the fly, times weights with a scale a column. */
public final class VectorDynamicMatMul extends RowProduct implements FloatMatMulKernel {
  private final IntegerTile tile;
  private final String name;

  private VectorDynamicMatMul(VectorContext context, FloatMatMulSpec spec, Panels panels, Epilogue epilogue) {
    super(context, spec.weights().k(), spec.weights().n(), panels.count(), Float.BYTES, Float.BYTES);
    this.tile = new IntegerTile(panels, epilogue, k(), n(), 0x80);
    this.name = Names.floatMatMul(spec, "dynamic");
  }

  public static VectorDynamicMatMul prepare(VectorContext context, FloatMatMulSpec spec) {
    Panels.WithSums packed = Panels.of(spec.weights());
    return new VectorDynamicMatMul(context, spec, packed.panels(),
        Epilogue.of(spec, packed.weights(), -128));
  }

  @Override
  void tile(RowCall call, Scratch scratch, int firstRow, int rows, int firstPanel, int endPanel) {
    MemorySegment quantized = scratch.quantized(Math.multiplyExact(rows, k()));
    RowQuantizer.run(scratch.staging, call.src.segment, call.src.first + firstRow * call.srcStride,
        call.srcStride, quantized, 0, k(), rows, k(), scratch.rowScaleSegment, scratch.rowZeroPointSegment,
        null, 0);
    scratch.staging.rows(scratch.rowScaleSegment, scratch.rowZeroPointSegment, scratch.rowSumSegment, 0);
    tile.run(scratch, quantized, 0, k(), rows, firstPanel, endPanel, call.dst.segment,
        call.dst.first + firstRow * call.dstStride, call.dstStride);
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    multiply(src, srcStride, null, null, dst, dstStride, rows);
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
    return Scratch.heap() + Math.min(rows, Scratch.ROWS) * k();
  }
}

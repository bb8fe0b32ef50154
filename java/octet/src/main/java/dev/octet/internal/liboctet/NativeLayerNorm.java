package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.LayerNormKernel;
import dev.octet.engine.LayerNormSpec;
import dev.octet.internal.call.FloatRowsCall;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Layer norm in C. */
final class NativeLayerNorm extends NativeFloatRows implements LayerNormKernel {
  private final int columns;
  private final String name;
  private final NativeMemory memory;
  private final long plan;

  NativeLayerNorm(BackendContext context, LayerNormSpec spec) {
    super(context, 6, 20);
    this.columns = spec.columns();
    int kernel = RowFunctions.layerNormKernel(Names.tier(context.isa()));
    this.name = Names.of(kernel);
    PlanWriter writer = new PlanWriter(RowFunctions.LAYER_NORM);
    writer.table("weights", spec.weights());
    writer.table("bias", spec.bias());
    writer.number("columns", (long) columns);
    writer.number("kernel", kernel);
    writer.number("epsilon", spec.epsilon());
    this.memory = writer.write();
    this.plan = memory.address();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return memory.bytes();
  }

  @Override
  public void run(MemorySegment src, MemorySegment residual, MemorySegment dst, long rows) {
    rows(src, residual, false, dst, rows, columns);
  }

  @Override
  void quick(MemorySegment src, MemorySegment other, MemorySegment dst, long rows, int length) {
    RowFunctions.layerNormQuick(plan, src, other, dst, rows);
  }

  @Override
  void tile(FloatRowsCall call, long src, long other, long dst, long rows) {
    RowFunctions.layerNormTile(plan, src, other, dst, rows, call);
  }

  @Override
  public void close() {
    super.close();
    memory.close();
  }
}

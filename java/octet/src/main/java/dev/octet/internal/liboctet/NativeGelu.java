package dev.octet.internal.liboctet;

import dev.octet.GeluForm;
import dev.octet.engine.BackendContext;
import dev.octet.engine.GeluKernel;
import dev.octet.internal.call.FloatRowsCall;
import java.lang.foreign.MemorySegment;

/** GELU in C: rows of one element. */
final class NativeGelu extends NativeFloatRows implements GeluKernel {
  private final int kernel;
  private final String name;

  NativeGelu(BackendContext context, GeluForm form) {
    super(context, 5, 0);
    this.kernel = RowFunctions.geluKernel(Names.tier(context.isa()), form == GeluForm.ERF ? 0 : 1);
    this.name = Names.of(kernel);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long count) {
    rows(src, null, false, dst, count, 1);
  }

  @Override
  void quick(MemorySegment src, MemorySegment other, MemorySegment dst, long rows, int columns) {
    RowFunctions.geluQuick(kernel, src, dst, rows);
  }

  @Override
  void tile(FloatRowsCall call, long src, long other, long dst, long rows) {
    RowFunctions.geluTile(kernel, src, dst, rows, call);
  }
}

package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.SoftmaxKernel;
import dev.octet.internal.call.FloatRowsCall;
import java.lang.foreign.MemorySegment;

/** Softmax in C. */
final class NativeSoftmax extends NativeFloatRows implements SoftmaxKernel {
  private final int kernel;
  private final String name;
  private final float scale;

  NativeSoftmax(BackendContext context, float scale) {
    super(context, 4, 20);
    this.kernel = RowFunctions.softmaxKernel(Names.tier(context.isa()));
    this.name = Names.of(kernel);
    this.scale = scale;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run(MemorySegment src, MemorySegment mask, MemorySegment dst, long rows, int columns) {
    rows(src, mask, true, dst, rows, columns);
  }

  @Override
  void quick(MemorySegment src, MemorySegment other, MemorySegment dst, long rows, int columns) {
    RowFunctions.softmaxQuick(kernel, scale, src, other, dst, rows, columns);
  }

  @Override
  void tile(FloatRowsCall call, long src, long other, long dst, long rows) {
    RowFunctions.softmaxTile(kernel, scale, src, other, dst, rows, call);
  }
}

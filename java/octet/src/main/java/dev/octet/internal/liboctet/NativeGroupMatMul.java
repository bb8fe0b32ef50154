package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.engine.BackendContext;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Float rows, quantized by group on the fly, times weights in groups: dynamicMatMul per group. */
final class NativeGroupMatMul extends FloatRowKernel {
  private static final NativeLibrary LIBRARY = Liboctet.get().library();
  private static final MethodHandle SCRATCH_BYTES = LIBRARY.leaf("octet_dynamic_group_matmul_scratch_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_dynamic_group_matmul_run",
      FLOAT_SEGMENTS);
  private static final MethodHandle WHOLE = LIBRARY.function("octet_dynamic_group_matmul_run",
      FLOAT_SEGMENTS);
  private static final MethodHandle TILE = LIBRARY.function("octet_dynamic_group_matmul_run",
      FLOAT_ADDRESSES);

  private NativeGroupMatMul(Workers workers, TileGrid.Cost cost, PackedGroups weights, NativeMemory plan,
      String name) {
    super(workers, cost, weights, plan, name, rows -> scratchBytes(plan.address(), rows));
  }

  static NativeGroupMatMul prepare(BackendContext context, FloatMatMulSpec spec) {
    MatrixWeights weights = spec.weights();
    int kernel = GroupFunctions.dynamicKernel(Names.tier(context.isa()), Names.type(weights.type()));
    PackedGroups packed = PackedGroups.of(weights, context.isa());
    try {
      TileGrid.Cost cost = TileGrid.Cost.ofDots(weights.k(), weights.n(), weights.type().bits(),
          context.isa());
      return new NativeGroupMatMul(context.workers(), cost, packed, packed.plan(spec, context.isa(), kernel),
          Names.of(kernel));
    } catch (RuntimeException | Error e) {
      packed.release();
      throw e;
    }
  }

  private static long scratchBytes(long product, int rows) {
    try {
      return (long) SCRATCH_BYTES.invokeExact(product, rows);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  void quick(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    try {
      QUICK.invokeExact(product, src, srcStride, dst, dstStride, rows, 0, n, 0L);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  void whole(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows, long scratch) {
    try {
      WHOLE.invokeExact(product, src, srcStride, dst, dstStride, rows, 0, n, scratch);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  void tile(Tile tile) {
    try {
      TILE.invokeExact(product, tile.src, tile.srcStride, tile.dst, tile.dstStride, tile.rows,
          tile.firstColumn, tile.columns, tile.scratch, tile.keepSrc, tile.keepDst);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}

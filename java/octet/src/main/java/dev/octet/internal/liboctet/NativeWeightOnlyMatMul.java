package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.engine.BackendContext;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Float rows times weights that become floats, in groups or with a scale a column: weightOnlyMatMul. */
final class NativeWeightOnlyMatMul extends FloatRowKernel {
  private static final NativeLibrary LIBRARY = Liboctet.get().library();
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_weight_only_matmul_run",
      FLOAT_SEGMENTS);
  private static final MethodHandle WHOLE = LIBRARY.function("octet_weight_only_matmul_run",
      FLOAT_SEGMENTS);
  private static final MethodHandle TILE = LIBRARY.function("octet_weight_only_matmul_run",
      FLOAT_ADDRESSES);

  private NativeWeightOnlyMatMul(Workers workers, TileGrid.Cost cost, PackedGroups weights, NativeMemory plan,
      String name) {
    super(workers, cost, weights, plan, name, rows -> 0);
  }

  static NativeWeightOnlyMatMul prepare(BackendContext context, FloatMatMulSpec spec) {
    MatrixWeights weights = spec.weights();
    int kernel = GroupFunctions.weightOnlyKernel(Names.tier(context.isa()), Names.type(weights.type()));
    PackedGroups packed = PackedGroups.of(weights, context.isa());
    try {
      TileGrid.Cost cost = new TileGrid.Cost(weights.k(), weights.n(), weights.type().bits(),
          macsPerNano(context.isa()));
      return new NativeWeightOnlyMatMul(context.workers(), cost, packed,
          packed.plan(spec, context.isa(), kernel),
          Names.of(kernel));
    } catch (RuntimeException | Error e) {
      packed.release();
      throw e;
    }
  }

  private static double macsPerNano(Isa isa) {
    return switch (isa) {
      case BASELINE -> 1;
      case AVX2, AVXVNNI, AVX512 -> 45;
      case AVX512VNNI -> 90;
    };
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

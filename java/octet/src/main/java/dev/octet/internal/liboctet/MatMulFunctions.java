package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/** The 8-bit product with fixed weights as octet.h declares it. */
final class MatMulFunctions {
  /** struct octet_matmul. */
  static final StructLayout PRODUCT = MemoryLayout.structLayout(ADDRESS.withName("weights"),
      ADDRESS.withName("offsets"), ADDRESS.withName("zero_point_factors"),
      ADDRESS.withName("weight_zero_points"), ADDRESS.withName("multipliers"), ADDRESS.withName("bias"),
      JAVA_INT.withName("kernel"), JAVA_INT.withName("k"), JAVA_INT.withName("n"),
      JAVA_INT.withName("zero_point"), JAVA_FLOAT.withName("low"), JAVA_FLOAT.withName("high"));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle LAYOUT = LIBRARY.leaf("octet_matmul_layout",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle PANEL_COLUMNS = LIBRARY.leaf("octet_matmul_panel_columns",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle PACKED_BYTES = LIBRARY.leaf("octet_matmul_packed_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle PACK = LIBRARY.function("octet_matmul_pack",
      FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle KERNEL = LIBRARY.leaf("octet_matmul_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SCRATCH_BYTES = LIBRARY.leaf("octet_matmul_scratch_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_matmul_run", RowKernel.SEGMENTS);
  private static final MethodHandle WHOLE = LIBRARY.function("octet_matmul_run", RowKernel.SEGMENTS);
  private static final MethodHandle TILE = LIBRARY.function("octet_matmul_run", RowKernel.ADDRESSES);

  private MatMulFunctions() {}

  /** See octet_matmul_layout. */
  static int layout(int tier) {
    return NativeLibrary.intOf(() -> (int) LAYOUT.invokeExact(tier));
  }

  /** See octet_matmul_panel_columns. */
  static int panelColumns(int layout) {
    return NativeLibrary.intOf(() -> (int) PANEL_COLUMNS.invokeExact(layout));
  }

  /** See octet_matmul_packed_bytes. */
  static long packedBytes(int layout, int k, int n) {
    return NativeLibrary.longOf(() -> (long) PACKED_BYTES.invokeExact(layout, k, n));
  }

  /** See octet_matmul_pack. */
  static void pack(int layout, MemorySegment weights, int type, boolean transposed, long stride, int k,
      int firstColumn, int columns, long packed, long sums) {
    try {
      PACK.invokeExact(layout, weights, type, transposed ? 1 : 0, stride, k, firstColumn, columns, packed,
          sums);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** See octet_matmul_kernel. */
  static int kernel(int tier, int srcType, int dstType) {
    return NativeLibrary.intOf(() -> (int) KERNEL.invokeExact(tier, srcType, dstType));
  }

  /** See octet_matmul_scratch_bytes. */
  static long scratchBytes(long product, int rows) {
    try {
      return (long) SCRATCH_BYTES.invokeExact(product, rows);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_matmul_run without scratch, over within microseconds. */
  static void quick(long product, MemorySegment src, long srcStride, MemorySegment rowScales,
      MemorySegment rowZeroPoints, MemorySegment dst, long dstStride, int rows, int columns) {
    try {
      QUICK.invokeExact(product, src, srcStride, rowScales, rowZeroPoints, dst, dstStride, rows, 0, columns,
          0L);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_matmul_run over native memory. */
  static void whole(long product, MemorySegment src, long srcStride, MemorySegment rowScales,
      MemorySegment rowZeroPoints, MemorySegment dst, long dstStride, int rows, int columns, long scratch) {
    try {
      WHOLE.invokeExact(product, src, srcStride, rowScales, rowZeroPoints, dst, dstStride, rows, 0, columns,
          scratch);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_matmul_run over addresses that are kept alive by {@code keep} or by the caller. */
  static void tile(long product, RowKernel.Tile tile) {
    try {
      TILE.invokeExact(product, tile.src, tile.srcStride, tile.rowScales, tile.rowZeroPoints, tile.dst,
          tile.dstStride, tile.rows, tile.firstColumn, tile.columns, tile.scratch, tile.keepSrc,
          tile.keepRowScales, tile.keepRowZeroPoints, tile.keepDst);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

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
import java.lang.invoke.MethodHandle;

/**
 * Conversions and tables, element by element, as octet.h declares them. Each run has three handles: over any
 * memory for calls that are over within microseconds, over native memory, and over addresses with the
 * segments that keep them alive as arguments too many.
 */
final class ElementFunctions {
  /** struct octet_quantize. */
  static final MemoryLayout QUANTIZE = MemoryLayout.structLayout(ADDRESS.withName("scales"),
      ADDRESS.withName("reciprocals"), ADDRESS.withName("zero_points"), JAVA_LONG.withName("group_size"),
      JAVA_LONG.withName("period"), JAVA_INT.withName("granularity"), JAVA_INT.withName("type"),
      JAVA_INT.withName("kernel"), JAVA_INT.withName("element_kernel"));
  /** struct octet_requantize. */
  static final MemoryLayout REQUANTIZE = MemoryLayout.structLayout(ADDRESS.withName("multipliers"),
      ADDRESS.withName("bias"), JAVA_LONG.withName("period"), JAVA_INT.withName("kernel"),
      JAVA_INT.withName("zero_point"), JAVA_FLOAT.withName("low"), JAVA_FLOAT.withName("high"));
  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final FunctionDescriptor KERNEL = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
  private static final FunctionDescriptor KERNEL_OF_ELEMENTS = FunctionDescriptor.of(JAVA_INT, JAVA_INT,
      JAVA_INT, JAVA_INT);
  private static final MethodHandle QUANTIZE_KERNEL = LIBRARY.leaf("octet_quantize_kernel",
      KERNEL_OF_ELEMENTS);
  private static final MethodHandle DEQUANTIZE_KERNEL = LIBRARY.leaf("octet_dequantize_kernel",
      KERNEL_OF_ELEMENTS);
  private static final MethodHandle REQUANTIZE_KERNEL = LIBRARY.leaf("octet_requantize_kernel",
      KERNEL_OF_ELEMENTS);
  private static final MethodHandle LOOKUP_KERNEL = LIBRARY.leaf("octet_lookup_kernel", KERNEL);
  private static final MethodHandle RANGE_KERNEL = LIBRARY.leaf("octet_range_kernel", KERNEL);
  private static final MethodHandle RECIPROCALS = LIBRARY.leafOverHeap("octet_quantize_reciprocals",
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));

  private static final FunctionDescriptor CONVERSION = FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, ADDRESS,
      JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor CONVERSION_TILE = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG,
      JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle QUANTIZE_QUICK = LIBRARY.leafOverHeap("octet_quantize_run", CONVERSION);
  private static final MethodHandle QUANTIZE_WHOLE = LIBRARY.function("octet_quantize_run", CONVERSION);
  private static final MethodHandle QUANTIZE_TILE = LIBRARY.function("octet_quantize_run", CONVERSION_TILE);
  private static final MethodHandle DEQUANTIZE_QUICK = LIBRARY.leafOverHeap("octet_dequantize_run",
      CONVERSION);
  private static final MethodHandle DEQUANTIZE_WHOLE = LIBRARY.function("octet_dequantize_run", CONVERSION);
  private static final MethodHandle DEQUANTIZE_TILE = LIBRARY.function("octet_dequantize_run",
      CONVERSION_TILE);

  private static final FunctionDescriptor SUMS = FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, ADDRESS,
      JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor SUMS_TILE = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG,
      JAVA_LONG,
      JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle REQUANTIZE_QUICK = LIBRARY.leafOverHeap("octet_requantize_run", SUMS);
  private static final MethodHandle REQUANTIZE_WHOLE = LIBRARY.function("octet_requantize_run", SUMS);
  private static final MethodHandle REQUANTIZE_TILE = LIBRARY.function("octet_requantize_run", SUMS_TILE);

  private static final FunctionDescriptor TABLE = FunctionDescriptor.ofVoid(JAVA_INT, JAVA_LONG, ADDRESS,
      ADDRESS,
      JAVA_LONG);
  private static final FunctionDescriptor TABLE_TILE = FunctionDescriptor.ofVoid(JAVA_INT, JAVA_LONG,
      JAVA_LONG,
      JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle LOOKUP_QUICK = LIBRARY.leafOverHeap("octet_lookup_run", TABLE);
  private static final MethodHandle LOOKUP_WHOLE = LIBRARY.function("octet_lookup_run", TABLE);
  private static final MethodHandle LOOKUP_TILE = LIBRARY.function("octet_lookup_run", TABLE_TILE);

  private static final FunctionDescriptor ROWS = FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, ADDRESS,
      ADDRESS,
      ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle ROWS_QUICK = LIBRARY.leafOverHeap("octet_dynamic_quantize_run", ROWS);
  private static final MethodHandle ROWS_WHOLE = LIBRARY.function("octet_dynamic_quantize_run", ROWS);
  private static final MethodHandle ROWS_TILE = LIBRARY.function("octet_dynamic_quantize_run",
      FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle RANGE_TILE = LIBRARY.function("octet_range_run",
      FunctionDescriptor.ofVoid(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS));
  private static final MethodHandle RANGE_QUANTIZE_TILE = LIBRARY.function("octet_range_quantize_run",
      FunctionDescriptor.ofVoid(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          ADDRESS, ADDRESS));

  private ElementFunctions() {}

  /** See octet_quantize_kernel. */
  static int quantizeKernel(int tier, int type, boolean perElement) {
    return NativeLibrary.intOf(() -> (int) QUANTIZE_KERNEL.invokeExact(tier, type, perElement ? 1 : 0));
  }

  /** See octet_dequantize_kernel. */
  static int dequantizeKernel(int tier, int type, boolean perElement) {
    return NativeLibrary.intOf(() -> (int) DEQUANTIZE_KERNEL.invokeExact(tier, type, perElement ? 1 : 0));
  }

  /** See octet_requantize_kernel. */
  static int requantizeKernel(int tier, int type, boolean perChannel) {
    return NativeLibrary.intOf(() -> (int) REQUANTIZE_KERNEL.invokeExact(tier, type, perChannel ? 1 : 0));
  }

  /** See octet_lookup_kernel. */
  static int lookupKernel(int tier) {
    return NativeLibrary.intOf(() -> (int) LOOKUP_KERNEL.invokeExact(tier));
  }

  /** See octet_range_kernel. */
  static int rangeKernel(int tier) {
    return NativeLibrary.intOf(() -> (int) RANGE_KERNEL.invokeExact(tier));
  }

  /** See octet_quantize_reciprocals; null where they must not be used. */
  static float[] reciprocals(float[] scales) {
    float[] reciprocals = new float[scales.length];
    int usable = NativeLibrary.intOf(() -> (int) RECIPROCALS.invokeExact(MemorySegment.ofArray(scales),
        (long) scales.length, MemorySegment.ofArray(reciprocals)));
    return usable != 0 ? reciprocals : null;
  }

  static void quantizeQuick(long plan, MemorySegment src, MemorySegment dst, long axis, long inner,
      long count) {
    try {
      QUANTIZE_QUICK.invokeExact(plan, src, dst, axis, inner, 0L, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void quantizeWhole(long plan, MemorySegment src, MemorySegment dst, long axis, long inner,
      long count) {
    try {
      QUANTIZE_WHOLE.invokeExact(plan, src, dst, axis, inner, 0L, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void quantizeTile(long plan, StreamKernel.Tile tile) {
    try {
      QUANTIZE_TILE.invokeExact(plan, tile.src, tile.dst, tile.axis, tile.inner, tile.first, tile.count,
          tile.keepSrc, tile.keepDst);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void dequantizeQuick(long plan, MemorySegment src, MemorySegment dst, long axis, long inner,
      long count) {
    try {
      DEQUANTIZE_QUICK.invokeExact(plan, src, dst, axis, inner, 0L, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void dequantizeWhole(long plan, MemorySegment src, MemorySegment dst, long axis, long inner,
      long count) {
    try {
      DEQUANTIZE_WHOLE.invokeExact(plan, src, dst, axis, inner, 0L, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void dequantizeTile(long plan, StreamKernel.Tile tile) {
    try {
      DEQUANTIZE_TILE.invokeExact(plan, tile.src, tile.dst, tile.axis, tile.inner, tile.first, tile.count,
          tile.keepSrc, tile.keepDst);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void requantizeQuick(long plan, MemorySegment src, MemorySegment dst, long count) {
    try {
      REQUANTIZE_QUICK.invokeExact(plan, src, dst, 0L, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void requantizeWhole(long plan, MemorySegment src, MemorySegment dst, long count) {
    try {
      REQUANTIZE_WHOLE.invokeExact(plan, src, dst, 0L, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void requantizeTile(long plan, StreamKernel.Tile tile) {
    try {
      REQUANTIZE_TILE.invokeExact(plan, tile.src, tile.dst, tile.first, tile.count, tile.keepSrc,
          tile.keepDst);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void lookupQuick(int kernel, long table, MemorySegment src, MemorySegment dst, long count) {
    try {
      LOOKUP_QUICK.invokeExact(kernel, table, src, dst, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void lookupWhole(int kernel, long table, MemorySegment src, MemorySegment dst, long count) {
    try {
      LOOKUP_WHOLE.invokeExact(kernel, table, src, dst, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void lookupTile(int kernel, long table, StreamKernel.Tile tile) {
    try {
      LOOKUP_TILE.invokeExact(kernel, table, tile.src, tile.dst, tile.count, tile.keepSrc, tile.keepDst);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void rowsQuick(int rangeKernel, int kernel, MemorySegment src, MemorySegment dst,
      MemorySegment scales,
      MemorySegment zeroPoints, long rows, long columns) {
    try {
      ROWS_QUICK.invokeExact(rangeKernel, kernel, src, dst, scales, zeroPoints, rows, columns);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void rowsWhole(int rangeKernel, int kernel, MemorySegment src, MemorySegment dst,
      MemorySegment scales,
      MemorySegment zeroPoints, long rows, long columns) {
    try {
      ROWS_WHOLE.invokeExact(rangeKernel, kernel, src, dst, scales, zeroPoints, rows, columns);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** Addresses, and what keeps them alive. */
  static void rowsTile(int rangeKernel, int kernel, long src, long dst, long scales, long zeroPoints,
      long rows,
      long columns, MemorySegment keepSrc, MemorySegment keepDst, MemorySegment keepScales,
      MemorySegment keepZeroPoints) {
    try {
      ROWS_TILE.invokeExact(rangeKernel, kernel, src, dst, scales, zeroPoints, rows, columns, keepSrc,
          keepDst,
          keepScales, keepZeroPoints);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void rangeTile(int kernel, long src, long count, long range, MemorySegment keepSrc) {
    try {
      RANGE_TILE.invokeExact(kernel, src, count, range, keepSrc);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  static void rangeQuantizeTile(int kernel, long range, long src, long dst, long count, long scale,
      long zeroPoint, MemorySegment keepSrc, MemorySegment keepDst) {
    try {
      RANGE_QUANTIZE_TILE.invokeExact(kernel, range, src, dst, count, scale, zeroPoint, keepSrc, keepDst);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

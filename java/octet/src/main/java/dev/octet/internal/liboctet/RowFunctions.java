package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.FloatRowsCall;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Functions of rows of floats as octet.h declares them: over any memory for calls that are over within
 * microseconds, and over addresses with the segments that keep them alive as arguments too many.
 */
final class RowFunctions {
  /** struct octet_layer_norm. */
  static final MemoryLayout LAYER_NORM = MemoryLayout.structLayout(ADDRESS.withName("weights"),
      ADDRESS.withName("bias"), JAVA_LONG.withName("columns"), JAVA_INT.withName("kernel"),
      JAVA_FLOAT.withName("epsilon"));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final FunctionDescriptor KERNEL = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
  private static final MethodHandle SOFTMAX_KERNEL = LIBRARY.leaf("octet_softmax_kernel", KERNEL);
  private static final MethodHandle LAYER_NORM_KERNEL = LIBRARY.leaf("octet_layer_norm_kernel", KERNEL);
  private static final MethodHandle GELU_KERNEL = LIBRARY.leaf("octet_gelu_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private static final MethodHandle SOFTMAX_QUICK = LIBRARY.leafOverHeap("octet_softmax_run",
      FunctionDescriptor.ofVoid(JAVA_INT, JAVA_FLOAT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SOFTMAX_TILE = LIBRARY.function("octet_softmax_run",
      FunctionDescriptor.ofVoid(JAVA_INT, JAVA_FLOAT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle LAYER_NORM_QUICK = LIBRARY.leafOverHeap("octet_layer_norm_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle LAYER_NORM_TILE = LIBRARY.function("octet_layer_norm_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS,
          ADDRESS));
  private static final MethodHandle GELU_QUICK = LIBRARY.leafOverHeap("octet_gelu_run",
      FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle GELU_TILE = LIBRARY.function("octet_gelu_run",
      FunctionDescriptor.ofVoid(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS));

  private RowFunctions() {}

  /** See octet_softmax_kernel. */
  static int softmaxKernel(int tier) {
    return NativeLibrary.intOf(() -> (int) SOFTMAX_KERNEL.invokeExact(tier));
  }

  /** See octet_layer_norm_kernel. */
  static int layerNormKernel(int tier) {
    return NativeLibrary.intOf(() -> (int) LAYER_NORM_KERNEL.invokeExact(tier));
  }

  /** See octet_gelu_kernel. */
  static int geluKernel(int tier, int form) {
    return NativeLibrary.intOf(() -> (int) GELU_KERNEL.invokeExact(tier, form));
  }

  /** octet_softmax_run over any memory, over within microseconds. */
  static void softmaxQuick(int kernel, float scale, MemorySegment src, MemorySegment mask, MemorySegment dst,
      long rows, long columns) {
    try {
      SOFTMAX_QUICK.invokeExact(kernel, scale, src, mask, dst, rows, columns);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_softmax_run over addresses that the call's operands keep alive. */
  static void softmaxTile(int kernel, float scale, long src, long mask, long dst, long rows,
      FloatRowsCall call) {
    try {
      SOFTMAX_TILE.invokeExact(kernel, scale, src, mask, dst, rows, (long) call.columns, call.src.keep,
          call.other.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_layer_norm_run over any memory, over within microseconds. */
  static void layerNormQuick(long plan, MemorySegment src, MemorySegment residual, MemorySegment dst,
      long rows) {
    try {
      LAYER_NORM_QUICK.invokeExact(plan, src, residual, dst, rows);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_layer_norm_run over addresses that the call's operands keep alive. */
  static void layerNormTile(long plan, long src, long residual, long dst, long rows, FloatRowsCall call) {
    try {
      LAYER_NORM_TILE.invokeExact(plan, src, residual, dst, rows, call.src.keep, call.other.keep,
          call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_gelu_run over any memory, over within microseconds. */
  static void geluQuick(int kernel, MemorySegment src, MemorySegment dst, long count) {
    try {
      GELU_QUICK.invokeExact(kernel, src, dst, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_gelu_run over addresses that the call's operands keep alive. */
  static void geluTile(int kernel, long src, long dst, long count, FloatRowsCall call) {
    try {
      GELU_TILE.invokeExact(kernel, src, dst, count, call.src.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

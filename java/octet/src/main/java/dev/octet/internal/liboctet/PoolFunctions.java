package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.LineCall;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/** Pooling as octet.h declares it. */
final class PoolFunctions {
  /** struct octet_pool. */
  static final StructLayout PLAN = MemoryLayout.structLayout(JAVA_INT.withName("kernel_height"),
      JAVA_INT.withName("kernel_width"), JAVA_INT.withName("stride_height"),
      JAVA_INT.withName("stride_width"), JAVA_INT.withName("dilation_height"),
      JAVA_INT.withName("dilation_width"), JAVA_INT.withName("pad_top"), JAVA_INT.withName("pad_left"),
      JAVA_INT.withName("pad_bottom"), JAVA_INT.withName("pad_right"), JAVA_INT.withName("count_padding"),
      JAVA_INT.withName("kernel"), JAVA_FLOAT.withName("input_scale"), JAVA_FLOAT.withName("output_scale"),
      JAVA_INT.withName("input_zero_point"), JAVA_INT.withName("zero_point"), JAVA_FLOAT.withName("low"),
      JAVA_FLOAT.withName("high"));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle KERNEL = LIBRARY.leaf("octet_pool_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_pool_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_LONG, JAVA_LONG));
  /** Over addresses, and two segments more than the C function has: they stay alive during the call. */
  private static final MethodHandle TILE = LIBRARY.function("octet_pool_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS));

  private PoolFunctions() {}

  /** See octet_pool_kernel. */
  static int kernel(int tier, int kind, int type) {
    return NativeLibrary.intOf(() -> (int) KERNEL.invokeExact(tier, kind, type));
  }

  /** octet_pool_run for images anywhere, over within microseconds. */
  static void quick(long plan, MemorySegment src, MemorySegment dst, LineCall call) {
    try {
      QUICK.invokeExact(plan, src, dst, call.height, call.width, call.channels, call.outHeight, call.outWidth,
          0L,
          call.lines);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_pool_run over addresses that are kept alive by the call's operands or by the caller. */
  static void tile(long plan, long src, long dst, LineCall call, long firstLine, long lines) {
    try {
      TILE.invokeExact(plan, src, dst, call.height, call.width, call.channels, call.outHeight, call.outWidth,
          firstLine, lines, call.src.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

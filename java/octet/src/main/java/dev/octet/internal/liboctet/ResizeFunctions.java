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

/** Resizing as octet.h declares it. */
final class ResizeFunctions {
  /** struct octet_resize. */
  static final StructLayout PLAN = MemoryLayout.structLayout(JAVA_INT.withName("mode"),
      JAVA_INT.withName("coordinates"), JAVA_FLOAT.withName("height_scale"),
      JAVA_FLOAT.withName("width_scale"), JAVA_INT.withName("kernel"));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle KERNEL = LIBRARY.leaf("octet_resize_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle TABLE_BYTES = LIBRARY.leaf("octet_resize_table_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
  private static final MethodHandle TABLE = LIBRARY.function("octet_resize_table", FunctionDescriptor
      .ofVoid(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_resize_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  /** Over addresses, and two segments more than the C function has: they stay alive during the call. */
  private static final MethodHandle TILE = LIBRARY.function("octet_resize_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS));

  private ResizeFunctions() {}

  /** See octet_resize_kernel. */
  static int kernel(int tier, int mode, int type) {
    return NativeLibrary.intOf(() -> (int) KERNEL.invokeExact(tier, mode, type));
  }

  /** See octet_resize_table_bytes. */
  static long tableBytes(long plan, ResizeCall call) {
    try {
      return (long) TABLE_BYTES.invokeExact(plan, call.channels, call.outWidth);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_resize_table into the table of a call, which has room for it. */
  static void makeTable(long plan, ResizeCall call) {
    try {
      TABLE.invokeExact(plan, call.height, call.width, call.channels, call.outHeight, call.outWidth,
          call.table);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_resize_run for images anywhere, over within microseconds. */
  static void quick(long plan, MemorySegment src, MemorySegment dst, ResizeCall call) {
    try {
      QUICK.invokeExact(plan, call.table, src, dst, call.height, call.width, call.channels, call.outHeight,
          call.outWidth, 0L, call.lines);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_resize_run over addresses that are kept alive by the call's operands or by the caller. */
  static void tile(long plan, long src, long dst, ResizeCall call, long firstLine, long lines) {
    try {
      TILE.invokeExact(plan, call.table, src, dst, call.height, call.width, call.channels, call.outHeight,
          call.outWidth, firstLine, lines, call.src.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.Operand;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/** Concatenation as octet.h declares it. */
final class ConcatFunctions {
  /** struct octet_concat. */
  static final StructLayout PLAN = MemoryLayout.structLayout(ADDRESS.withName("table"),
      JAVA_INT.withName("kernel"), MemoryLayout.paddingLayout(4));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle COPY_KERNEL = LIBRARY.leaf("octet_copy_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_concat_run", FunctionDescriptor
      .ofVoid(JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  /** Over addresses, and two segments more than the C function has: they stay alive during the call. */
  private static final MethodHandle TILE = LIBRARY.function("octet_concat_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_LONG, ADDRESS, ADDRESS));

  private ConcatFunctions() {}

  /** See octet_copy_kernel. */
  static int copyKernel(int tier) {
    return NativeLibrary.intOf(() -> (int) COPY_KERNEL.invokeExact(tier));
  }

  /** Dense rows anywhere, over within microseconds. */
  static void quick(long plan, MemorySegment src, MemorySegment dst, long dstRow, long first, long rows,
      long bytes) {
    try {
      QUICK.invokeExact(plan, src, bytes, dst, dstRow, first, rows, bytes);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** Dense rows over addresses that are kept alive by the operands or by the caller. */
  static void tile(long plan, long src, long dst, long dstRow, long first, long rows, long bytes,
      Operand keepSrc, Operand keepDst) {
    try {
      TILE.invokeExact(plan, src, bytes, dst, dstRow, first, rows, bytes, keepSrc.keep, keepDst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

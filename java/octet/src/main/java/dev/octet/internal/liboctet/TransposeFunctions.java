package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.TransposeCall;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Transposition as octet.h declares it. */
final class TransposeFunctions {
  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle KERNEL = LIBRARY.leaf("octet_transpose_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_transpose_run",
      FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  /** Over addresses, and two segments more than the C function has: they stay alive during the call. */
  private static final MethodHandle TILE = LIBRARY.function("octet_transpose_run", FunctionDescriptor
      .ofVoid(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS));

  private TransposeFunctions() {}

  /** See octet_transpose_kernel. */
  static int kernel(int tier) {
    return NativeLibrary.intOf(() -> (int) KERNEL.invokeExact(tier));
  }

  /** A dense matrix anywhere, over within microseconds. */
  static void quick(int kernel, MemorySegment src, MemorySegment dst, long rows, long columns) {
    try {
      QUICK.invokeExact(kernel, src, columns, dst, rows, rows, columns);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** A part of a matrix over addresses that are kept alive by the call's operands or by the caller. */
  static void tile(int kernel, long src, long srcRow, long dst, long dstRow, long rows, long columns,
      TransposeCall call) {
    try {
      TILE.invokeExact(kernel, src, srcRow, dst, dstRow, rows, columns, call.src.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.BinaryOp;
import dev.octet.engine.PairLayout;
import dev.octet.internal.call.PairBlock;
import dev.octet.internal.call.PairCall;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The binary ops as octet.h declares them. A run has three handles: over any memory for calls that are over
 * within microseconds, over native memory, and over addresses with the segments that keep them alive as extra
 * arguments.
 */
final class BinaryFunctions {
  /** struct octet_binary. */
  static final MemoryLayout PLAN = MemoryLayout.structLayout(JAVA_FLOAT.withName("left_factor"),
      JAVA_FLOAT.withName("right_factor"), JAVA_FLOAT.withName("fixed"), JAVA_FLOAT.withName("divisor"),
      JAVA_INT.withName("left_zero_point"), JAVA_INT.withName("right_zero_point"),
      JAVA_INT.withName("zero_point"), JAVA_INT.withName("low"), JAVA_INT.withName("high"),
      JAVA_INT.withName("kernel"));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();
  private static final MethodHandle KERNEL = LIBRARY.leaf("octet_binary_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final FunctionDescriptor RUN = FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_LONG,
      JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_binary_run", RUN);
  private static final MethodHandle WHOLE = LIBRARY.function("octet_binary_run", RUN);
  private static final MethodHandle BLOCK = LIBRARY.function("octet_binary_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS));

  private BinaryFunctions() {}

  /** See octet_binary_kernel. */
  static int kernel(int tier, BinaryOp op, int type) {
    return NativeLibrary.intOf(() -> (int) KERNEL.invokeExact(tier, Names.binaryOp(op), type));
  }

  /** Operands of one shape, anywhere. */
  static void quick(long plan, MemorySegment left, MemorySegment right, MemorySegment dst, long count) {
    try {
      QUICK.invokeExact(plan, left, 0L, 1L, right, 0L, 1L, dst, 1L, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** Operands of one shape, in native memory. */
  static void whole(long plan, MemorySegment left, MemorySegment right, MemorySegment dst, long count) {
    try {
      WHOLE.invokeExact(plan, left, 0L, 1L, right, 0L, 1L, dst, 1L, count);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** The one part of a layout, operands anywhere. */
  static void quick(long plan, MemorySegment left, MemorySegment right, MemorySegment dst,
      PairLayout layout) {
    try {
      QUICK.invokeExact(plan, left, layout.leftRow(), (long) layout.leftStep(), right, layout.rightRow(),
          (long) layout.rightStep(), dst, layout.rows(), layout.columns());
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** A block of a call. */
  static void block(long plan, PairCall call, PairBlock block, long left, long right, long dst) {
    try {
      BLOCK.invokeExact(plan, left, call.leftRow, (long) call.leftStep, right, call.rightRow,
          (long) call.rightStep, dst, block.rows, block.columns, call.left.keep, call.right.keep,
          call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

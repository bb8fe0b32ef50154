package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.BatchCall;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/** Products of floats as octet.h declares them. */
final class SgemmFunctions {
  /** struct octet_sgemm. */
  static final MemoryLayout PLAN = MemoryLayout.structLayout(ADDRESS.withName("weights"),
      ADDRESS.withName("bias"), ADDRESS.withName("row_bias"), JAVA_INT.withName("kernel"),
      JAVA_INT.withName("k"), JAVA_INT.withName("n"),
      JAVA_INT.withName("right_transposed"), JAVA_INT.withName("accumulate"), MemoryLayout.paddingLayout(4));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle KERNEL = LIBRARY.leaf("octet_sgemm_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle PACKED_BYTES = LIBRARY.leaf("octet_sgemm_packed_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_INT));
  private static final MethodHandle PACK = LIBRARY.function("octet_sgemm_pack",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SCRATCH_BYTES = LIBRARY.leaf("octet_sgemm_scratch_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle RUN = LIBRARY.function("octet_sgemm_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG,
          JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS));

  private SgemmFunctions() {}

  /** See octet_sgemm_kernel. */
  static int kernel(int tier) {
    return NativeLibrary.intOf(() -> (int) KERNEL.invokeExact(tier));
  }

  /** See octet_sgemm_packed_bytes. */
  static long packedBytes(int k, int n) {
    try {
      return (long) PACKED_BYTES.invokeExact(k, n);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** See octet_sgemm_pack. */
  static void pack(long plan, long right, long rightRow, long packed) {
    try {
      PACK.invokeExact(plan, right, rightRow, packed);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** See octet_sgemm_scratch_bytes. */
  static long scratchBytes(long plan, int k, int rows, int columns) {
    try {
      return (long) SCRATCH_BYTES.invokeExact(plan, k, rows, columns);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** Addresses and rows, in elements, of a part of a product. */
  static final class Place {
    long left;
    long leftRow;
    long right;
    long rightRow;
    long out;
    long outRow;
  }

  /** See octet_sgemm_run; the operands of the call are kept alive. */
  static void run(long plan, Place place, int firstRow, int rows, int firstColumn, int columns, long scratch,
      BatchCall call) {
    try {
      RUN.invokeExact(plan, place.left, place.leftRow, place.right, place.rightRow, call.sizes.k(), place.out,
          place.outRow, firstRow, rows, firstColumn, columns, scratch, call.left.keep, call.right.keep,
          call.out.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.BatchCall;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** 8-bit products of two run-time operands as octet.h declares them. */
final class BatchMatMulFunctions {
  /** struct octet_batch_matmul. */
  static final MemoryLayout PLAN = MemoryLayout.structLayout(JAVA_INT.withName("kernel"),
      JAVA_INT.withName("attention_kernel"), JAVA_INT.withName("tables_kernel"),
      JAVA_INT.withName("packed_layout"),
      JAVA_INT.withName("left_type"),
      JAVA_INT.withName("right_type"), JAVA_INT.withName("output_type"),
      JAVA_INT.withName("right_transposed"),
      JAVA_INT.withName("left_zero_point"), JAVA_INT.withName("right_zero_point"),
      JAVA_FLOAT.withName("left_scale"), JAVA_FLOAT.withName("right_scale"),
      JAVA_FLOAT.withName("output_scale"),
      JAVA_INT.withName("zero_point"), JAVA_FLOAT.withName("low"), JAVA_FLOAT.withName("high"));

  /** Bytes of struct octet_batch_matmul_call. */
  static final long CALL_BYTES = 13 * 8 + 4 * 4;

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle ATTENTION_KERNEL = LIBRARY.leaf("octet_attention_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle TABLES_KERNEL = LIBRARY.leaf("octet_batch_matmul_tables_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle SCRATCH_BYTES = LIBRARY.leaf("octet_batch_matmul_scratch_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
  private static final MethodHandle RUN = LIBRARY.function("octet_batch_matmul_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));

  private BatchMatMulFunctions() {}

  /** See octet_attention_kernel. */
  static int attentionKernel(int tier, int leftType, int outputType) {
    return NativeLibrary.intOf(() -> (int) ATTENTION_KERNEL.invokeExact(tier, leftType, outputType));
  }

  /** See octet_batch_matmul_tables_kernel. */
  static int tablesKernel(int tier) {
    return NativeLibrary.intOf(() -> (int) TABLES_KERNEL.invokeExact(tier));
  }

  /** See octet_batch_matmul_scratch_bytes. */
  static long scratchBytes(long plan, int k, int columns) {
    try {
      return (long) SCRATCH_BYTES.invokeExact(plan, k, columns);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** A struct octet_batch_matmul_call, field by field in the order of the declaration. */
  static final class CallWriter {
    private final MemorySegment struct;

    /** Over memory of {@link #CALL_BYTES} bytes. */
    CallWriter(MemorySegment struct) {
      this.struct = struct;
    }

    /** Addresses of product 0 and distances from one product, and one row, to the next. */
    void write(NativeBatchMatMul.Place left, long leftScales, long leftZeroPoints,
        NativeBatchMatMul.Place right, long rightScales, long rightZeroPoints, NativeBatchMatMul.Place out,
        int m, int k, int n) {
      pointer(0, left.address);
      pointer(1, leftScales);
      pointer(2, leftZeroPoints);
      pointer(3, right.address);
      pointer(4, rightScales);
      pointer(5, rightZeroPoints);
      pointer(6, out.address);
      pointer(7, left.batch);
      pointer(8, left.row);
      pointer(9, right.batch);
      pointer(10, right.row);
      pointer(11, out.batch);
      pointer(12, out.row);
      struct.set(JAVA_INT, 13 * 8, m);
      struct.set(JAVA_INT, 13 * 8 + 4, k);
      struct.set(JAVA_INT, 13 * 8 + 8, n);
    }

    private void pointer(int index, long value) {
      struct.set(JAVA_LONG, 8L * index, value);
    }

    long address() {
      return struct.address();
    }
  }

  /** See octet_batch_matmul_run; the operands of the call are kept alive. */
  static void run(long plan, NativeBatchMatMul.Tile tile, long scratch, BatchCall call) {
    try {
      RUN.invokeExact(plan, tile.writer.address(), tile.product, tile.products, tile.row, tile.rows,
          tile.column, tile.columns, scratch, call.left.keep, call.leftScales.keep, call.leftZeroPoints.keep,
          call.right.keep, call.rightScales.keep, call.rightZeroPoints.keep, call.out.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.ImageCall;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/** Convolution as octet.h declares it. */
final class ConvFunctions {
  /** struct octet_conv2d. */
  static final StructLayout PLAN = MemoryLayout.structLayout(ADDRESS.withName("weights"),
      ADDRESS.withName("offsets"), ADDRESS.withName("weight_zero_points"), ADDRESS.withName("skipped"),
      ADDRESS.withName("multipliers"), ADDRESS.withName("bias"), JAVA_INT.withName("kernel"),
      JAVA_INT.withName("form"), JAVA_INT.withName("in_channels"), JAVA_INT.withName("out_channels"),
      JAVA_INT.withName("groups"), JAVA_INT.withName("kernel_height"), JAVA_INT.withName("kernel_width"),
      JAVA_INT.withName("stride_height"), JAVA_INT.withName("stride_width"),
      JAVA_INT.withName("dilation_height"), JAVA_INT.withName("dilation_width"), JAVA_INT.withName("pad_top"),
      JAVA_INT.withName("pad_left"), JAVA_INT.withName("input_zero_point"), JAVA_INT.withName("zero_point"),
      JAVA_FLOAT.withName("low"), JAVA_FLOAT.withName("high"), JAVA_INT.withName("output_stride_height"),
      JAVA_INT.withName("output_stride_width"), JAVA_INT.withName("first_output_row"),
      JAVA_INT.withName("first_output_column"),
      JAVA_INT.withName("frame_rows"), JAVA_INT.withName("dilation_depth"), MemoryLayout.paddingLayout(4));

  /** OCTET_CONV2D_DEPTHWISE, the last form. */
  static final int DEPTHWISE = 2;

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle FORM = LIBRARY.leaf("octet_conv2d_form",
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
  private static final MethodHandle KERNEL = LIBRARY.leaf("octet_conv2d_kernel",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle PACKED_BYTES = LIBRARY.leaf("octet_conv2d_packed_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SUM_ROWS = LIBRARY.leaf("octet_conv2d_sum_rows",
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
  private static final MethodHandle PACK = LIBRARY.function("octet_conv2d_pack",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SCRATCH_BYTES = LIBRARY.leaf("octet_conv2d_scratch_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PANELS = LIBRARY.leaf("octet_conv2d_panels",
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_conv2d_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_INT, JAVA_LONG));
  /** Over addresses, and two segments more than the C function has: they stay alive during the call. */
  private static final MethodHandle TILE = LIBRARY.function("octet_conv2d_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS));

  private static final MethodHandle SCALED_SCRATCH_BYTES = LIBRARY
      .leaf("octet_conv2d_scaled_scratch_bytes", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SCALED_QUICK = LIBRARY.leafOverHeap("octet_conv2d_scaled_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_FLOAT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  /** With two segments more, as above. */
  private static final MethodHandle SCALED_TILE = LIBRARY.function("octet_conv2d_scaled_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_FLOAT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS));
  private static final MethodHandle FRAMES = LIBRARY.function("octet_conv3d_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS));

  private ConvFunctions() {}

  /** See octet_conv2d_form. */
  static int form(long plan) {
    return NativeLibrary.intOf(() -> (int) FORM.invokeExact(plan));
  }

  /** See octet_conv2d_kernel. */
  static int kernel(int tier, int srcType, int dstType) {
    return NativeLibrary.intOf(() -> (int) KERNEL.invokeExact(tier, srcType, dstType));
  }

  /** See octet_conv2d_packed_bytes. */
  static long packedBytes(long plan, int tier) {
    return NativeLibrary.longOf(() -> (long) PACKED_BYTES.invokeExact(plan, tier));
  }

  /** See octet_conv2d_sum_rows. */
  static int sumRows(long plan) {
    return NativeLibrary.intOf(() -> (int) SUM_ROWS.invokeExact(plan));
  }

  /** See octet_conv2d_scratch_bytes. */
  static long scratchBytes(long plan) {
    return NativeLibrary.longOf(() -> (long) SCRATCH_BYTES.invokeExact(plan));
  }

  /** See octet_conv2d_scaled_scratch_bytes. */
  static long scaledScratchBytes(long plan) {
    return NativeLibrary.longOf(() -> (long) SCALED_SCRATCH_BYTES.invokeExact(plan));
  }

  /** See octet_conv2d_panels. */
  static int panels(long plan) {
    return NativeLibrary.intOf(() -> (int) PANELS.invokeExact(plan));
  }

  /** See octet_conv2d_pack. */
  static void pack(long plan, int tier, MemorySegment weights, int type, int layout, long packed, long sums) {
    try {
      PACK.invokeExact(plan, tier, weights, type, layout, packed, sums);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_conv2d_run for one image anywhere, over within microseconds. */
  static void quick(long plan, MemorySegment src, MemorySegment dst, int height, int width, int outWidth,
      int lines, int panels, long scratch) {
    try {
      QUICK.invokeExact(plan, src, dst, height, width, outWidth, 0, lines, 0, panels, scratch);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_conv2d_run over addresses that are kept alive by the call's operands or by the caller. */
  static void tile(long plan, long src, long dst, ImageCall call, int firstLine, int lines,
      int firstPanel, int panels, long scratch) {
    try {
      TILE.invokeExact(plan, src, dst, call.height, call.width, call.outWidth, firstLine, lines, firstPanel,
          panels, scratch, call.src.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_conv2d_scaled_run for one image anywhere, over within microseconds. */
  static void scaledQuick(long plan, float scale, int zeroPoint, MemorySegment src, MemorySegment dst,
      int height, int width, int outWidth, int lines, int panels, long scratch) {
    try {
      SCALED_QUICK.invokeExact(plan, scale, zeroPoint, src, dst, height, width, outWidth, 0, lines, 0, panels,
          scratch);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_conv2d_scaled_run over addresses that are kept alive by the call's operands or by the caller. */
  static void scaledTile(long plan, float scale, int zeroPoint, long src, long dst, ImageCall call,
      int firstLine, int lines, int firstPanel, int panels, long scratch) {
    try {
      SCALED_TILE.invokeExact(plan, scale, zeroPoint, src, dst, call.height, call.width, call.outWidth,
          firstLine, lines, firstPanel, panels, scratch, call.src.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_conv3d_run over addresses, likewise. */
  static void frames(long plan, long src, long dst, ImageCall call, int depth, long firstFrame, int firstLine,
      int lines, int panels, long scratch) {
    try {
      FRAMES.invokeExact(plan, src, dst, depth, firstFrame, call.height, call.width, call.outWidth, firstLine,
          lines, 0, panels, scratch, call.src.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}

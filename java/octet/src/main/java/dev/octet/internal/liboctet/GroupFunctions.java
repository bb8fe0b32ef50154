package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.Isa;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The products of float rows and weights in groups as octet.h declares them. */
final class GroupFunctions {
  /** struct octet_group_matmul. */
  static final MemoryLayout PRODUCT = MemoryLayout.structLayout(ADDRESS.withName("weights"),
      ADDRESS.withName("bias"), JAVA_INT.withName("kernel"), JAVA_INT.withName("packed_layout"),
      JAVA_INT.withName("type"), JAVA_INT.withName("k"), JAVA_INT.withName("n"), JAVA_INT.withName("group"),
      JAVA_INT.withName("scale_type"), JAVA_INT.withName("zero_point"), JAVA_FLOAT.withName("low"),
      JAVA_FLOAT.withName("high"), ADDRESS.withName("next"));

  /** OCTET_ZERO_POINTS_PACKED. */
  static final int ZERO_POINTS_PACKED = Integer.MIN_VALUE;

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final FunctionDescriptor CHOICE = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle LAYOUT = LIBRARY.leaf("octet_group_matmul_layout",
      FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle DYNAMIC_KERNEL = LIBRARY.leaf("octet_dynamic_group_matmul_kernel",
      CHOICE);
  private static final MethodHandle WEIGHT_ONLY_KERNEL = LIBRARY.leaf("octet_weight_only_matmul_kernel",
      CHOICE);
  private static final MethodHandle SCALE_TYPE = LIBRARY.function("octet_group_matmul_scale_type",
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PACKED_BYTES = LIBRARY.leaf("octet_group_matmul_packed_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PACK = LIBRARY.function("octet_group_matmul_pack",
      FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_INT, JAVA_INT, JAVA_LONG));

  private static final MethodHandle BLOCK_KERNEL = LIBRARY.leaf("octet_block_matmul_kernel", CHOICE);
  private static final MethodHandle BLOCK_WEIGHT_ONLY_KERNEL = LIBRARY
      .leaf("octet_block_weight_only_matmul_kernel", CHOICE);
  private static final MethodHandle BLOCK_PACKED_BYTES = LIBRARY.leaf("octet_block_matmul_packed_bytes",
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle BLOCK_PACK = LIBRARY.function("octet_block_matmul_pack",
      FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG));

  private GroupFunctions() {}

  /** Begins struct octet_group_matmul, with what packing reads of it. */
  static PlanWriter plan(Isa isa, int type, int k, int n) {
    PlanWriter plan = new PlanWriter(PRODUCT);
    plan.number("packed_layout", layout(Names.tier(isa)));
    plan.number("type", type);
    plan.number("k", k);
    plan.number("n", n);
    return plan;
  }

  /** Completes struct octet_group_matmul for a run. */
  static PlanWriter completed(PlanWriter plan, NativePack weights, int kernel, float[] bias, float low,
      float high) {
    plan.address("weights", weights.address());
    plan.table("bias", bias);
    plan.number("kernel", kernel);
    plan.number("low", low);
    plan.number("high", high);
    return plan;
  }

  /** See octet_group_matmul_layout. */
  static int layout(int tier) {
    return NativeLibrary.intOf(() -> (int) LAYOUT.invokeExact(tier));
  }

  /** See octet_dynamic_group_matmul_kernel. */
  static int dynamicKernel(int tier, int type) {
    return NativeLibrary.intOf(() -> (int) DYNAMIC_KERNEL.invokeExact(tier, type));
  }

  /** See octet_weight_only_matmul_kernel. */
  static int weightOnlyKernel(int tier, int type) {
    return NativeLibrary.intOf(() -> (int) WEIGHT_ONLY_KERNEL.invokeExact(tier, type));
  }

  /** See octet_group_matmul_scale_type. */
  static int scaleType(long scales, long count) {
    return NativeLibrary.intOf(() -> (int) SCALE_TYPE.invokeExact(scales, count));
  }

  /** See octet_group_matmul_packed_bytes. */
  static long packedBytes(long product) {
    return NativeLibrary.longOf(() -> (long) PACKED_BYTES.invokeExact(product));
  }

  /** See octet_group_matmul_pack; all columns. */
  static void pack(long product, MemorySegment weights, boolean transposed, long scales, long zeroPoints,
      long groupStride, long columnStride, int columns, long packed) {
    NativeLibrary.call(() -> {
      PACK.invokeExact(product, weights, transposed ? 1 : 0, scales, zeroPoints, groupStride, columnStride, 0,
          columns, packed);
    });
  }

  /** See octet_block_matmul_kernel. */
  static int blockKernel(int tier, int format) {
    return NativeLibrary.intOf(() -> (int) BLOCK_KERNEL.invokeExact(tier, format));
  }

  /** See octet_block_weight_only_matmul_kernel. */
  static int blockWeightOnlyKernel(int tier, int format) {
    return NativeLibrary.intOf(() -> (int) BLOCK_WEIGHT_ONLY_KERNEL.invokeExact(tier, format));
  }

  /** See octet_block_matmul_packed_bytes. */
  static long blockPackedBytes(long product) {
    return NativeLibrary.longOf(() -> (long) BLOCK_PACKED_BYTES.invokeExact(product));
  }

  /** See octet_block_matmul_pack; all columns. */
  static void blockPack(long product, MemorySegment blocks, int columns, long packed) {
    NativeLibrary.call(() -> {
      BLOCK_PACK.invokeExact(product, blocks, 0, columns, packed);
    });
  }
}

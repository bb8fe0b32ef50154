package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Weights with their scales and zero points as kernels of a tier for float rows read them: 8 or 4 bits per
 * group, for dynamicMatMul and weightOnlyMatMul; or 8 bits with one scale a column, which is one group along
 * K, for weightOnlyMatMul.
 */
final class PackedGroups extends NativePack {
  private PackedGroups(String layout, MemorySegment content, Runnable free) {
    super(layout, content, free);
  }

  /** The layout that kernels of a tier read. */
  static String layout(Isa isa) {
    return "liboctet-groups-" + GroupFunctions.layout(Names.tier(isa)) + "x8";
  }

  /** Packed weights for kernels of a tier: those that are given, held once more, or new ones. */
  static PackedGroups of(MatrixWeights weights, Isa isa) {
    if (weights.pack() == null) {
      return pack(weights, isa);
    }
    if (weights.pack() instanceof PackedGroups packed && packed.layout().equals(layout(isa))) {
      packed.retain();
      return packed;
    }
    throw new UnsupportedOperationException("weights: packed as " + weights.pack().layout()
        + ", these kernels read " + layout(isa));
  }

  /**
   * Packs.
   *
   * @param weights S8, S4 or U4; read now only
   * @param isa the tier of the kernels
   */
  static PackedGroups pack(MatrixWeights weights, Isa isa) {
    Quantization quantization = weights.quantization();
    MemorySegment data = weights.tensor().data();
    try (NativeMemory plan = plan(weights.type(), quantization, weights.groupSize(), weights.k(), weights.n(),
        isa).write();
        NativeMemory scales = NativeMemory.copy(MemorySegment.ofArray(quantization.scales()));
        NativeMemory zeroPoints = NativeMemory.copy(MemorySegment.ofArray(quantization.zeroPoints()));
        NativeMemory copy = data.isNative() ? null : NativeMemory.copy(data)) {
      NativeMemory packed = filled(GroupFunctions.packedBytes(plan.address()),
          address -> GroupFunctions.pack(plan.address(), copy == null ? data : copy.segment(),
              weights.outIn(),
              scales.address(), zeroPoints.address(), groupStride(weights), columnStride(weights),
              weights.n(),
              address));
      return new PackedGroups(layout(isa), packed.segment(), packed::close);
    }
  }

  /** Weights out of a file, see {@link dev.octet.engine.Backend#map}; per group. */
  static PackedGroups map(DataType type, Quantization quantization, int k, int n, Isa isa,
      MemorySegment content, Runnable free) {
    try (NativeMemory plan = plan(type, quantization, quantization.groupSize(), k, n, isa).write()) {
      checkSize(content, GroupFunctions.packedBytes(plan.address()), k, n);
    }
    return new PackedGroups(layout(isa), content, free);
  }

  /** struct octet_group_matmul for these weights and a kernel. */
  PlanWriter plan(FloatMatMulSpec spec, Isa isa, int kernel) {
    MatrixWeights weights = spec.weights();
    PlanWriter plan = plan(weights.type(), weights.quantization(), weights.groupSize(), weights.k(),
        weights.n(), isa);
    return GroupFunctions.completed(plan, this, kernel, spec.bias(), spec.min(), spec.max());
  }

  /** The part of it that says how weights are packed. */
  private static PlanWriter plan(DataType type, Quantization quantization, int groupSize, int k, int n,
      Isa isa) {
    PlanWriter plan = GroupFunctions.plan(isa, Names.type(type), k, n);
    plan.number("group", groupSize);
    plan.number("scale_type", scaleType(quantization));
    plan.number("zero_point", zeroPoint(quantization));
    return plan;
  }

  private static int scaleType(Quantization quantization) {
    try (NativeMemory scales = NativeMemory.copy(MemorySegment.ofArray(quantization.scales()))) {
      return GroupFunctions.scaleType(scales.address(), quantization.count());
    }
  }

  /** That of all weights, if they have only one. */
  private static int zeroPoint(Quantization quantization) {
    int[] zeroPoints = quantization.zeroPoints();
    int first = zeroPoints[0];
    return Arrays.stream(zeroPoints).allMatch(z -> z == first) ? first : GroupFunctions.ZERO_POINTS_PACKED;
  }

  private static long groupStride(MatrixWeights weights) {
    return weights.quantization().granularity() != Granularity.PER_GROUP
        ? 0
        : weights.outIn() ? 1 : weights.n();
  }

  private static long columnStride(MatrixWeights weights) {
    return switch (weights.quantization().granularity()) {
      case PER_TENSOR -> 0;
      case PER_CHANNEL -> 1;
      case PER_GROUP -> weights.outIn() ? weights.groups() : 1;
    };
  }
}

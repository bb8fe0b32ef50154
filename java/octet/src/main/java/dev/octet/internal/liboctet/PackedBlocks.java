package dev.octet.internal.liboctet;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Isa;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Weights in a block format as kernels of a tier read them. */
final class PackedBlocks extends NativePack {
  private PackedBlocks(String layout, MemorySegment content, Runnable free) {
    super(layout, content, free);
  }

  /** The layout that kernels of a tier read. */
  static String layout(BlockFormat format, Isa isa) {
    return "liboctet-blocks-" + format + "-" + GroupFunctions.layout(Names.tier(isa)) + "x32";
  }

  /** As {@link #of(BlockWeights, Isa)}, all or none. */
  static List<PackedBlocks> of(List<BlockWeights> weights, Isa isa) {
    List<PackedBlocks> packed = new ArrayList<>();
    try {
      for (BlockWeights part : weights) {
        packed.add(of(part, isa));
      }
      return packed;
    } catch (RuntimeException | Error e) {
      packed.forEach(NativePack::release);
      throw e;
    }
  }

  /** Packed weights for kernels of a tier: those that are given, held once more, or new ones. */
  static PackedBlocks of(BlockWeights weights, Isa isa) {
    if (weights.pack() == null) {
      return pack(weights.tensor(), isa);
    }
    if (weights.pack() instanceof PackedBlocks packed
        && packed.layout().equals(layout(weights.format(), isa))) {
      packed.retain();
      return packed;
    }
    throw new UnsupportedOperationException("weights: packed as " + weights.pack().layout()
        + ", these kernels read " + layout(weights.format(), isa));
  }

  /**
   * Packs.
   *
   * @param weights a matrix {@code [N][K]}; read now only
   * @param isa the tier of the kernels
   */
  static PackedBlocks pack(BlockTensor weights, Isa isa) {
    MemorySegment data = weights.data();
    int n = weights.shape().intDim(0);
    try (NativeMemory plan = GroupFunctions.plan(isa, weights.format().id(), weights.columns(), n).write();
        NativeMemory copy = data.isNative() ? null : NativeMemory.copy(data)) {
      NativeMemory packed = filled(GroupFunctions.blockPackedBytes(plan.address()),
          address -> GroupFunctions.blockPack(plan.address(), copy == null ? data : copy.segment(), n,
              address));
      return new PackedBlocks(layout(weights.format(), isa), packed.segment(), packed::close);
    }
  }

  /** Weights out of a file, see {@link dev.octet.engine.Backend#map}. */
  static PackedBlocks map(String layout, BlockFormat format, int k, int n, Isa isa, MemorySegment content,
      Runnable free) {
    if (!layout.equals(layout(format, isa))) {
      throw new UnsupportedOperationException("the weights are packed as " + layout + ", kernels of "
          + Names.lower(isa) + " read " + layout(format, isa) + ": pack them again");
    }
    try (NativeMemory plan = GroupFunctions.plan(isa, format.id(), k, n).write()) {
      checkSize(content, GroupFunctions.blockPackedBytes(plan.address()), k, n);
    }
    return new PackedBlocks(layout, content, free);
  }

  /** A struct octet_group_matmul for each of these weights, linked in their order, and a kernel. */
  static PlanWriter plan(List<PackedBlocks> packed, BlockMatMulSpec spec, Isa isa, int kernel) {
    PlanWriter next = null;
    int end = spec.n();
    for (int i = packed.size() - 1; i >= 0; i--) {
      BlockWeights weights = spec.weights().get(i);
      int first = end - weights.n();
      float[] bias = spec.bias() == null ? null : Arrays.copyOfRange(spec.bias(), first, end);
      PlanWriter plan = GroupFunctions.plan(isa, weights.format().id(), weights.k(), weights.n());
      GroupFunctions.completed(plan, packed.get(i), kernel, bias, spec.min(), spec.max());
      if (next != null) {
        plan.plan("next", next);
      }
      next = plan;
      end = first;
    }
    return next;
  }
}

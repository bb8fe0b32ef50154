package dev.octet.internal.liboctet;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Isa;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Weights in a block format as kernels of a tier read them. */
final class PackedBlocks extends NativePack {
  private PackedBlocks(String layout, MemorySegment content, Runnable free) {
    super(layout, content, free);
  }

  /** The layout that kernels of a tier read. */
  static String layout(BlockFormat format, Isa isa) {
    return "liboctet-blocks-" + format + "-" + GroupFunctions.layout(Names.tier(isa)) + "x32";
  }

  /**
   * Packs.
   *
   * @param weights a matrix {@code [N][K]}; read now only
   * @param isa the tier of the kernels
   */
  static PackedBlocks pack(BlockTensor weights, Isa isa) {
    MemorySegment data = weights.data();
    int n = (int) weights.rows();
    NativeMemory packed = null;
    try (NativeMemory plan = plan(weights.format(), weights.columns(), n, isa).write();
        NativeMemory copy = data.isNative() ? null : NativeMemory.copy(data)) {
      packed = NativeMemory.allocate(GroupFunctions.blockPackedBytes(plan.address()));
      GroupFunctions.blockPack(plan.address(), copy == null ? data : copy.segment(), n, packed.address());
      return new PackedBlocks(layout(weights.format(), isa), packed.segment(), packed::close);
    } catch (RuntimeException | Error e) {
      if (packed != null) {
        packed.close();
      }
      throw e;
    }
  }

  /** struct octet_group_matmul for these weights and a kernel. */
  PlanWriter plan(BlockMatMulSpec spec, Isa isa, int kernel) {
    PlanWriter plan = plan(spec.weights().format(), spec.k(), spec.n(), isa);
    plan.address("weights", address());
    plan.table("bias", spec.bias());
    plan.number("kernel", kernel);
    plan.number("low", spec.min());
    plan.number("high", spec.max());
    return plan;
  }

  /** The part of it that says how weights are packed. */
  private static PlanWriter plan(BlockFormat format, int k, int n, Isa isa) {
    PlanWriter plan = new PlanWriter(GroupFunctions.PRODUCT);
    plan.number("packed_layout", GroupFunctions.layout(Names.tier(isa)));
    plan.number("type", format.id());
    plan.number("k", k);
    plan.number("n", n);
    return plan;
  }
}

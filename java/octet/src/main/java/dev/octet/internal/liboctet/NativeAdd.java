package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.engine.AddKernel;
import dev.octet.engine.AddSpec;
import dev.octet.engine.BackendContext;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * Sum of two quantized tensors. Everything that does not depend on the elements is folded into one constant,
 * which holds the output's zero point too.
 */
final class NativeAdd extends StreamKernel implements AddKernel {
  private final NativeMemory memory;
  private final long plan;
  private final String name;

  NativeAdd(BackendContext context, AddSpec spec) {
    // Without the instruction a fused multiply-add takes some twenty operations.
    super(context.workers(), context.isa() == Isa.BASELINE ? 0.3 : rate(context.isa()), Byte.SIZE, Byte.SIZE,
        Byte.SIZE);
    OutputSpec output = spec.output();
    int kernel = ElementFunctions.addKernel(Names.tier(context.isa()), Names.type(output.type()));
    this.name = Names.of(kernel);
    PlanWriter writer = new PlanWriter(ElementFunctions.ADD);
    writer.number("left_factor", spec.leftFactor());
    writer.number("right_factor", spec.rightFactor());
    writer.number("fixed", spec.fixed());
    writer.number("low", output.lo());
    writer.number("high", output.hi());
    writer.number("kernel", kernel);
    this.memory = writer.write();
    this.plan = memory.address();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return memory.bytes();
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, long count) {
    stream(left, right, dst, count, 1, count);
  }

  @Override
  void quick(MemorySegment left, MemorySegment right, MemorySegment dst, long axis, long inner, long count) {
    ElementFunctions.addQuick(plan, left, right, dst, count);
  }

  @Override
  void whole(MemorySegment left, MemorySegment right, MemorySegment dst, long axis, long inner, long count) {
    ElementFunctions.addWhole(plan, left, right, dst, count);
  }

  @Override
  void tile(Tile tile) {
    ElementFunctions.addTile(plan, tile);
  }

  @Override
  public void close() {
    super.close();
    memory.close();
  }
}

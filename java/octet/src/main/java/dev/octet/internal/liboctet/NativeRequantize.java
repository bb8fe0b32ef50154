package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.RequantizeKernel;
import dev.octet.engine.RequantizeSpec;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/** S32 accumulators to 8 bits. */
final class NativeRequantize extends StreamKernel implements RequantizeKernel {
  /**
   * Tables of a few channels are repeated to about so many entries: C goes from one repetition to the next.
   */
  private static final int LEAST_PERIOD = 512;

  private final NativeMemory memory;
  private final long plan;
  private final String name;

  NativeRequantize(BackendContext context, RequantizeSpec spec) {
    super(context.workers(), rate(context.isa()), Integer.SIZE, Byte.SIZE);
    OutputSpec output = spec.output();
    int channels = spec.bias() != null ? spec.bias().length : spec.scales().length;
    int period = channels == 1 ? 1 : channels * Math.ceilDiv(LEAST_PERIOD, channels);
    float[] multipliers = new float[period];
    int[] bias = new int[period];
    for (int i = 0; i < period; i++) {
      int channel = i % channels;
      // The accumulator's scale stands for sx * sw: f32(scale * 1) is the scale itself.
      multipliers[i] = Numbers.multiplier(spec.scales()[spec.scales().length == 1 ? 0 : channel], 1,
          output.scale());
      bias[i] = spec.bias() == null ? 0 : spec.bias()[channel];
    }
    int kernel = ElementFunctions.requantizeKernel(Names.tier(context.isa()), Names.type(output.type()),
        period > 1);
    this.name = Names.of(kernel);
    PlanWriter writer = new PlanWriter(ElementFunctions.REQUANTIZE);
    writer.table("multipliers", multipliers);
    writer.table("bias", bias);
    writer.number("period", (long) period);
    writer.number("kernel", kernel);
    writer.number("zero_point", output.zeroPoint());
    writer.number("low", (float) (output.lo() - output.zeroPoint()));
    writer.number("high", (float) (output.hi() - output.zeroPoint()));
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
  public void run(MemorySegment src, MemorySegment dst, long rows, int channels) {
    stream(src, dst, channels, 1, rows * channels);
  }

  @Override
  void quick(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
    ElementFunctions.requantizeQuick(plan, src, dst, count);
  }

  @Override
  void whole(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
    ElementFunctions.requantizeWhole(plan, src, dst, count);
  }

  @Override
  void tile(Tile tile) {
    ElementFunctions.requantizeTile(plan, tile);
  }

  @Override
  public void close() {
    super.close();
    memory.close();
  }
}

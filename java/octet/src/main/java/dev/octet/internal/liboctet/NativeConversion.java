package dev.octet.internal.liboctet;

import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.BackendContext;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Quantize and dequantize: what they share is the plan. */
abstract sealed class NativeConversion extends StreamKernel implements QuantizeKernel
    permits NativeConversion.ToIntegers, NativeConversion.ToReals {
  /**
   * Tables of a few channels are repeated to about so many entries: C goes from one repetition to the next.
   */
  private static final int LEAST_PERIOD = 512;

  private final NativeMemory memory;
  final long plan;
  private final String name;

  private NativeConversion(BackendContext context, QuantizeSpec spec, boolean toReals) {
    super(context.workers(), rate(context.isa()), toReals ? spec.type().bits() : Float.SIZE,
        toReals ? Float.SIZE : spec.type().bits());
    int tier = Names.tier(context.isa());
    int type = Names.type(spec.type());
    Quantization quantization = spec.quantization();
    boolean one = quantization.granularity() == Granularity.PER_TENSOR;
    int kernel = toReals
        ? ElementFunctions.dequantizeKernel(tier, type, false)
        : ElementFunctions.quantizeKernel(tier, type, false);
    int elementKernel = toReals
        ? ElementFunctions.dequantizeKernel(tier, type, true)
        : ElementFunctions.quantizeKernel(tier, type, true);
    this.name = Names.of(one ? kernel : elementKernel);
    int channels = quantization.count();
    int repetitions = quantization.granularity() == Granularity.PER_CHANNEL
        ? Math.ceilDiv(LEAST_PERIOD, Math.max(1, channels))
        : 1;
    float[] scales = new float[channels * repetitions];
    int[] zeroPoints = new int[channels * repetitions];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = quantization.scale(i % channels);
      zeroPoints[i] = quantization.zeroPoint(i % channels);
    }
    PlanWriter writer = new PlanWriter(ElementFunctions.QUANTIZE);
    writer.table("scales", scales);
    writer.table("reciprocals", toReals ? null : ElementFunctions.reciprocals(scales));
    writer.table("zero_points", zeroPoints);
    writer.number("group_size", (long) quantization.groupSize());
    writer.number("period", (long) scales.length);
    writer.number("granularity", Names.granularity(quantization.granularity()));
    writer.number("type", type);
    writer.number("kernel", kernel);
    writer.number("element_kernel", elementKernel);
    this.memory = writer.write();
    this.plan = memory.address();
  }

  static QuantizeKernel quantize(BackendContext context, QuantizeSpec spec) {
    return new ToIntegers(context, spec);
  }

  static QuantizeKernel dequantize(BackendContext context, QuantizeSpec spec) {
    return new ToReals(context, spec);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final long packedBytes() {
    return memory.bytes();
  }

  @Override
  public final void run(MemorySegment src, MemorySegment dst, long outer, long axis, long inner) {
    stream(src, dst, axis, inner, outer * axis * inner);
  }

  @Override
  public final void close() {
    super.close();
    memory.close();
  }

  /** F32 to integers. */
  static final class ToIntegers extends NativeConversion {
    private ToIntegers(BackendContext context, QuantizeSpec spec) {
      super(context, spec, false);
    }

    @Override
    void quick(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
      ElementFunctions.quantizeQuick(plan, src, dst, axis, inner, count);
    }

    @Override
    void whole(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
      ElementFunctions.quantizeWhole(plan, src, dst, axis, inner, count);
    }

    @Override
    void tile(Tile tile) {
      ElementFunctions.quantizeTile(plan, tile);
    }
  }

  /** Integers to F32. */
  static final class ToReals extends NativeConversion {
    private ToReals(BackendContext context, QuantizeSpec spec) {
      super(context, spec, true);
    }

    @Override
    void quick(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
      ElementFunctions.dequantizeQuick(plan, src, dst, axis, inner, count);
    }

    @Override
    void whole(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
      ElementFunctions.dequantizeWhole(plan, src, dst, axis, inner, count);
    }

    @Override
    void tile(Tile tile) {
      ElementFunctions.dequantizeTile(plan, tile);
    }
  }
}

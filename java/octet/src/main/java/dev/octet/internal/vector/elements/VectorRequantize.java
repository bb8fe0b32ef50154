package dev.octet.internal.vector.elements;

import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.RequantizeKernel;
import dev.octet.engine.RequantizeSpec;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Repeated;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Span;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;

/** S32 accumulators to 8 bits; tables of a few channels are repeated, so that loops are long. */
public final class VectorRequantize extends ElementKernel implements RequantizeKernel {
  private final OutputSpec output;
  private final float[] multipliers;
  private final int[] bias;
  private final Target target;

  public VectorRequantize(Workers workers, RequantizeSpec spec) {
    super(workers, Integer.SIZE, Byte.SIZE);
    this.output = spec.output();
    int channels = spec.bias() != null ? spec.bias().length : spec.scales().length;
    int period = Repeated.length(channels);
    this.multipliers = new float[period];
    this.bias = new int[period];
    for (int i = 0; i < period; i++) {
      int channel = i % channels;
      // The accumulator's scale stands for sx * sw: f32(scale * 1) is the scale itself.
      multipliers[i] = Numbers.multiplier(spec.scales()[spec.scales().length == 1 ? 0 : channel], 1,
          output.scale());
      bias[i] = spec.bias() == null ? 0 : spec.bias()[channel];
    }
    this.target = new Target(output.zeroPoint(), output.lo(), output.hi());
  }

  @Override
  public String name() {
    return Form.name("requantize_s32_", output.type());
  }

  @Override
  public long packedBytes() {
    return 8L * bias.length;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long rows, int channels) {
    stream(src, dst, channels, 1, rows * channels);
  }

  @Override
  void work(State state, Call call, long first) {
    Span span = state.span;
    int entry = (int) (first % bias.length);
    int rest = span.count;
    while (rest > 0) {
      span.count = Math.min(ElementLoops.TABLE, Math.min(rest, bias.length - entry));
      state.loops.now().requantize(span, multipliers, bias, entry, target);
      entry = (entry + span.count) % bias.length;
      rest -= span.count;
      span.leftAt += 4L * span.count;
      span.dstAt += span.count;
    }
  }
}

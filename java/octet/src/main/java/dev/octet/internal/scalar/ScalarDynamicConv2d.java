package dev.octet.internal.scalar;

import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import java.lang.foreign.MemorySegment;

/**
 * The law of dynamic convolution: images become U8, all by one range or each by its own, then convolution.
 */
final class ScalarDynamicConv2d implements Conv2dKernel {
  private final Conv2dSpec spec;
  private final ScalarDynamicQuantize quantize = new ScalarDynamicQuantize();
  private final ScalarConv2d convolution;

  ScalarDynamicConv2d(Conv2dSpec spec) {
    this.spec = spec;
    this.convolution = new ScalarConv2d(spec);
  }

  @Override
  public String name() {
    return convolution.name().replace("scalar:", "scalar:quantize+");
  }

  @Override
  public long packedBytes() {
    return convolution.packedBytes();
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    if (batch == 0) {
      return;
    }
    int ranges = spec.scaleCount(batch);
    long elements = (long) height * width * spec.inChannels() * (batch / ranges);
    MemorySegment values = MemorySegment.ofArray(new byte[Math.toIntExact(ranges * elements)]);
    MemorySegment scales = MemorySegment.ofArray(new float[ranges]);
    MemorySegment zeroPoints = MemorySegment.ofArray(new int[ranges]);
    quantize.run(src, values, scales, zeroPoints, ranges, elements);
    convolution.run(values, scales, zeroPoints, dst, batch, height, width);
  }
}

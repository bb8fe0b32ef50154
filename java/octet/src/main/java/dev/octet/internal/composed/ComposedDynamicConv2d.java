package dev.octet.internal.composed;

import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.internal.call.StatePool;
import java.lang.foreign.MemorySegment;

/**
 * Convolution of float images: they are quantized to U8, all by one range or each by its own, then convolved
 * with the scales found.
 */
public final class ComposedDynamicConv2d implements Conv2dKernel {
  private final Conv2dSpec spec;
  private final DynamicQuantizeKernel quantize;
  private final Conv2dKernel convolution;
  private final StatePool<Quantized> pool = new StatePool<>(Quantized::new);

  /**
   * Creates a kernel.
   *
   * @param spec the convolution, with U8 images at run
   * @param quantize makes U8 of images; closed with this kernel
   * @param convolution of the spec; closed with this kernel
   */
  public ComposedDynamicConv2d(Conv2dSpec spec, DynamicQuantizeKernel quantize, Conv2dKernel convolution) {
    this.spec = spec;
    this.quantize = quantize;
    this.convolution = convolution;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    if (batch == 0) {
      return;
    }
    Quantized images = pool.take();
    try {
      int ranges = spec.scaleCount(batch);
      long elements = (long) height * width * spec.inChannels() * (batch / ranges);
      images.of(ranges, elements);
      quantize.run(src, images.values(), images.scales(), images.zeroPoints(), ranges, elements);
      convolution.run(images.values(), images.scales(), images.zeroPoints(), dst, batch, height, width);
    } finally {
      pool.give(images);
    }
  }

  @Override
  public String name() {
    return Composed.quantizing(convolution.name());
  }

  @Override
  public long packedBytes() {
    return convolution.packedBytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return convolution.scratchBytes(rows);
  }

  @Override
  public void close() {
    pool.close();
    quantize.close();
    convolution.close();
  }
}

package dev.octet.internal.composed;

import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.PointwiseConv2d;
import dev.octet.internal.call.StatePool;
import java.lang.foreign.MemorySegment;

/**
 * Convolution whose window is one pixel, with scales and zero points at run: a matrix product whose rows, the
 * pixels, have the scale and zero point of their image each.
 */
public final class ScaledPointwiseConv2d implements Conv2dKernel {
  /** Pixels of a product: their scales and zero points fill 32 MB. Beyond, each product costs slices. */
  private static final int MOST_PIXELS = 4 << 20;

  private final Conv2dSpec spec;
  private final MatMulKernel product;
  private final StatePool<RowTables> pool = new StatePool<>(RowTables::new);

  /**
   * Creates a kernel.
   *
   * @param spec the convolution, one that {@link PointwiseConv2d#suits}, with an input at run
   * @param product the kernel of {@link PointwiseConv2d#product}, closed with this one
   */
  public ScaledPointwiseConv2d(Conv2dSpec spec, MatMulKernel product) {
    this.spec = spec;
    this.product = product;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    throw new UnsupportedOperationException("not offered: conv2d with a fixed scale of the input");
  }

  @Override
  public void run(MemorySegment src, MemorySegment scales, MemorySegment zeroPoints, MemorySegment dst,
      int batch, int height, int width) {
    RowTables rows = pool.take();
    try {
      long pixels = (long) batch * height * width;
      long image = spec.perImage() ? (long) height * width : pixels;
      int in = spec.inChannels();
      int out = spec.weights().outChannels();
      if (pixels <= MOST_PIXELS) {
        rows.fill(scales, zeroPoints, image, 0, (int) pixels);
        product.run(src, in, rows.scales(), rows.zeroPoints(), dst, out, (int) pixels);
        return;
      }
      long bytes = spec.output().type().bits() / 8L * out;
      for (long pixel = 0; pixel < pixels; pixel += MOST_PIXELS) {
        int some = (int) Math.min(MOST_PIXELS, pixels - pixel);
        rows.fill(scales, zeroPoints, image, pixel, some);
        product.run(src.asSlice(pixel * in), in, rows.scales(), rows.zeroPoints(),
            dst.asSlice(pixel * bytes), out, some);
      }
    } finally {
      pool.give(rows);
    }
  }

  @Override
  public String name() {
    return product.name();
  }

  @Override
  public boolean exact() {
    return product.exact();
  }

  @Override
  public long packedBytes() {
    return product.packedBytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return RowTables.BYTES * Math.min(rows, MOST_PIXELS) + product.scratchBytes(rows);
  }

  @Override
  public void close() {
    pool.close();
    product.close();
  }
}

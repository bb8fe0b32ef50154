package dev.octet.internal.composed;

import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Conv3dKernel;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.DepthWindow;
import dev.octet.engine.Window;
import java.lang.foreign.MemorySegment;

/**
 * Three-dimensional convolution whose window is flat, as it is where one was split into a spatial and a
 * temporal one: a convolution of images. With one frame to a window each frame is an image; with one pixel to
 * a frame of it a volume is an image, whose rows are frames and whose columns are their pixels.
 */
public final class PlanarConv3d implements Conv3dKernel {
  private final boolean frames;
  private final Conv2dKernel images;

  private PlanarConv3d(boolean frames, Conv2dKernel images) {
    this.frames = frames;
    this.images = images;
  }

  /**
   * Returns whether the window of a convolution is flat.
   *
   * @param spec the convolution
   * @return whether {@link #of} takes it
   */
  public static boolean suits(Conv3dSpec spec) {
    return ofFrames(spec.depth()) || ofPixels(spec.window());
  }

  /**
   * Returns the convolution of images that a kernel is made of.
   *
   * @param spec the convolution of volumes, one that {@link #suits}
   * @return the convolution of images
   */
  public static Conv2dSpec images(Conv3dSpec spec) {
    Conv2dSpec rows = spec.rows();
    if (ofFrames(spec.depth())) {
      return rows;
    }
    DepthWindow depth = spec.depth();
    Window window = new Window(depth.kernel(), 1, depth.stride(), 1, depth.dilation(), 1, depth.padFront(), 0,
        depth.padBack(), 0);
    return new Conv2dSpec(spec.weights(), spec.groups(), window, spec.input(), false, spec.bias(),
        spec.floatBias(), spec.output(), false);
  }

  /**
   * Returns a kernel.
   *
   * @param spec the convolution
   * @param images a kernel of {@link #images}, closed with this one
   * @return the kernel
   */
  public static Conv3dKernel of(Conv3dSpec spec, Conv2dKernel images) {
    return new PlanarConv3d(ofFrames(spec.depth()), images);
  }

  private static boolean ofFrames(DepthWindow depth) {
    return depth.kernel() == 1 && depth.stride() == 1 && depth.padFront() == 0 && depth.padBack() == 0;
  }

  private static boolean ofPixels(Window window) {
    return window.kernelHeight() == 1 && window.kernelWidth() == 1 && window.strideHeight() == 1
        && window.strideWidth() == 1 && window.padTop() == 0 && window.padLeft() == 0
        && window.padBottom() == 0 && window.padRight() == 0;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int depth, int height, int width) {
    if (frames) {
      images.run(src, dst, Math.multiplyExact(batch, depth), height, width);
    } else {
      images.run(src, dst, batch, depth, Math.multiplyExact(height, width));
    }
  }

  @Override
  public String name() {
    return images.name();
  }

  @Override
  public boolean exact() {
    return images.exact();
  }

  @Override
  public long packedBytes() {
    return images.packedBytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return images.scratchBytes(rows);
  }

  @Override
  public void close() {
    images.close();
  }
}

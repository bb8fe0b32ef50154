package dev.octet.engine;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Kernel of a two-dimensional convolution of NHWC images. One whose spec has the input's scale at run takes
 * the run with scales, any other one the run without.
 */
public interface Conv2dKernel extends Kernel {
  /**
   * Convolves images.
   *
   * @param src {@code [batch][height][width][inChannels]}, dense
   * @param dst {@code [batch][outHeight][outWidth][outChannels]}, dense, disjoint from src
   * @param batch the number of images, 0 or more
   * @param height rows of an input image
   * @param width columns of an input image
   */
  void run(MemorySegment src, MemorySegment dst, int batch, int height, int width);

  /**
   * Convolves images whose scales and zero points come with them.
   *
   * @param src as above
   * @param scales F32 scales, unaligned: {@link Conv2dSpec#scaleCount} of them
   * @param zeroPoints S32 zero points, unaligned, as many as scales; null if all are 0
   * @param dst as above; disjoint from the others too
   * @param batch the number of images, 0 or more
   * @param height rows of an input image
   * @param width columns of an input image
   */
  default void run(MemorySegment src, MemorySegment scales, @Nullable MemorySegment zeroPoints,
      MemorySegment dst, int batch, int height, int width) {
    throw new UnsupportedOperationException("not offered: conv2d with the input's scale at run");
  }
}

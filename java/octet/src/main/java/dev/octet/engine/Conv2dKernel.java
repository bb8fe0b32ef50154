package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel of a two-dimensional convolution of NHWC images. */
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
}

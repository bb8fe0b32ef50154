package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel that resizes NHWC images. */
public interface ResizeKernel extends Kernel {
  /**
   * Resizes images.
   *
   * @param src {@code [batch][height][width][channels]}, dense
   * @param dst {@code [batch][outHeight][outWidth][channels]}, dense, disjoint from src
   * @param batch the number of images
   * @param height rows of an input image, 1 to {@link ResizeAxis#MOST}, as are all sides
   * @param width columns of an input image
   * @param channels the number of channels
   */
  void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels);
}

package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel that puts a border around NHWC images. */
public interface PadKernel extends Kernel {
  /**
   * Pads images.
   *
   * @param src {@code [batch][height][width][channels]}, dense
   * @param dst {@code [batch][top + height + bottom][left + width + right][channels]}, dense, disjoint from
   *        src
   * @param batch the number of images
   * @param height rows of an input image
   * @param width columns of an input image
   * @param channels the number of channels
   */
  void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels);
}

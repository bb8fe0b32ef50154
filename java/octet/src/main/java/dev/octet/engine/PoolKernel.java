package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel of a pooling of NHWC images. */
public interface PoolKernel extends Kernel {
  /**
   * Pools images.
   *
   * @param src {@code [batch][height][width][channels]}, dense
   * @param dst {@code [batch][outHeight][outWidth][channels]}, dense, disjoint from src
   * @param batch the number of images
   * @param height rows of an input image
   * @param width columns of an input image
   * @param channels the number of channels
   */
  void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels);
}

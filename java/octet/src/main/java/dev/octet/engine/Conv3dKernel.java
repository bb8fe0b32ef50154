package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel of a three-dimensional convolution of NDHWC volumes. */
public interface Conv3dKernel extends Kernel {
  /**
   * Convolves volumes.
   *
   * @param src {@code [batch][depth][height][width][inChannels]}, dense
   * @param dst {@code [batch][outDepth][outHeight][outWidth][outChannels]}, dense, disjoint from src
   * @param batch the number of volumes, 0 or more
   * @param depth frames of an input volume
   * @param height rows of a frame
   * @param width columns of a frame
   */
  void run(MemorySegment src, MemorySegment dst, int batch, int depth, int height, int width);
}

package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/**
 * Weights of a product in the order in which kernels of one engine read them: packed once, for any number of
 * kernels and Octets and, through a file, for any number of processes. Counts those who hold it; whoever made
 * it holds it once.
 */
public interface WeightPack {
  /**
   * Names the order of the bytes: a kernel takes a pack whose layout is its own, and no other.
   *
   * @return engine, kind and tile, such as {@code liboctet-matmul-64x4}
   */
  String layout();

  /**
   * All of it, as it goes into a file.
   *
   * @return native memory, as long as the pack is held
   */
  MemorySegment content();

  /**
   * Holds the pack.
   *
   * @throws IllegalStateException if the last one has let go
   */
  void retain();

  /** Lets go; the last one frees. */
  void release();
}

package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/**
 * Packed weights of a product, in the order in which the kernels of one engine read them. Any number of
 * kernels and Octets share them and, through a file, any number of processes. Counts its references; the
 * caller that made it has the first.
 */
public interface WeightPack {
  /**
   * Returns the name of the order of the bytes. A kernel takes only packs of its own layout.
   *
   * @return engine, kind and tile size, such as {@code liboctet-matmul-64x4}
   */
  String layout();

  /**
   * Returns the packed bytes, as they are written to a file.
   *
   * @return native memory, valid while the pack is retained
   */
  MemorySegment content();

  /**
   * Adds a reference.
   *
   * @throws IllegalStateException if there is no reference left
   */
  void retain();

  /** Removes a reference; removing the last one frees the memory. */
  void release();
}

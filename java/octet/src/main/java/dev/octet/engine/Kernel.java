package dev.octet.engine;

/** Prepared kernel of an engine. */
public interface Kernel extends AutoCloseable {
  /**
   * Returns the name that {@code op.kernel()} returns: engine, colon, kernel.
   *
   * @return the name
   */
  String name();

  /**
   * Returns whether the results are those of the numerics law, with tolerance 0.
   *
   * @return false only if the spec allows an inexact epilogue and the kernel uses it
   */
  default boolean exact() {
    return true;
  }

  /**
   * Returns the size of the memory held for packed weights, compensation and tables.
   *
   * @return the size in bytes
   */
  default long packedBytes() {
    return 0;
  }

  /**
   * Returns the size of the scratch memory that one running call takes from the pool of this kernel.
   *
   * @param rows the number of rows of the call; output rows in a convolution
   * @return the size in bytes
   */
  default long scratchBytes(long rows) {
    return 0;
  }

  /** Frees all memory. Called once, when no run is in progress. */
  @Override
  default void close() {}
}

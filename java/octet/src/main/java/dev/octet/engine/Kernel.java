package dev.octet.engine;

/** What every prepared kernel can say of itself. */
public interface Kernel extends AutoCloseable {
  /**
   * The name that {@code op.kernel()} returns: engine, colon, kernel.
   *
   * @return the name
   */
  String name();

  /**
   * Whether results equal the law, tolerance 0.
   *
   * @return false only where the user asked for an inexact epilogue
   */
  default boolean exact() {
    return true;
  }

  /**
   * Memory held for packed weights, compensation and tables.
   *
   * @return bytes
   */
  default long packedBytes() {
    return 0;
  }

  /**
   * Scratch memory that one running call takes from the kernel's pool.
   *
   * @param rows the number of rows of the call; output rows in a convolution
   * @return bytes
   */
  default long scratchBytes(long rows) {
    return 0;
  }

  /** Frees everything; called once, when no run is in flight. */
  @Override
  default void close() {}
}

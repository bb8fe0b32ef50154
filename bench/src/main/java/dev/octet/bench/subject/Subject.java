package dev.octet.bench.subject;

import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/** A case, prepared by its peer: only {@link #run} is timed. Weights are packed and buffers made before. */
public interface Subject extends AutoCloseable {
  /** Computes the output once more. */
  void run();

  /**
   * Another caller of the same prepared op, on an input and an output of its own; any thread may run it.
   *
   * @throws UnsupportedOperationException if this subject has one caller only
   */
  default Runnable caller() {
    throw new UnsupportedOperationException(kernel() + ": one caller only");
  }

  /** What runs: engine or library, and its kernel. */
  String kernel();

  /** The output, row-major, NHWC; overwritten by each run. */
  MemorySegment output();

  /** Bytes of memory that packed weights take, or nothing where the peer does not tell. */
  default OptionalLong packedBytes() {
    return OptionalLong.empty();
  }

  @Override
  void close();
}

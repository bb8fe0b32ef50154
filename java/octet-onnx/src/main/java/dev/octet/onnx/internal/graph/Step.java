package dev.octet.onnx.internal.graph;

import java.lang.foreign.MemorySegment;

/** A node with shapes, ready to run. Safe for use by threads. */
@FunctionalInterface
public interface Step {
  /**
   * Runs it.
   *
   * @param in the inputs, null for those that are left out or not read
   * @param out the outputs, null for those that are left out; none overlaps another segment
   * @param scratch of this run
   */
  void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch);

  /** Bytes of native memory that a run has for itself: {@link Scratch#memory()}. */
  default long scratchBytes() {
    return 0;
  }

  /**
   * Where the native memory is cut into parts, {@link Scratch#part}: these are made once, where slices that
   * each run makes would be objects.
   */
  default long[] scratchCuts() {
    return new long[0];
  }

  /** Bytes of arrays of {@link Scratch} that grow with sizes which the file may choose freely, as pads. */
  default long arrayBytes() {
    return 0;
  }
}

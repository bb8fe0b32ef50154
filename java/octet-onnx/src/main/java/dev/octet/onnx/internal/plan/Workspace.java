package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The memory of one run at a time, whatever its shapes: a block, arrays of scratch, and what plans have bound
 * to them. Not safe for use by threads.
 */
final class Workspace {
  /** A block of more is let go when the runs no longer need it. */
  private static final long LARGE = 1 << 24;
  /** So many runs in a row that fill less than a quarter of a large block give it up. */
  private static final int PATIENCE = 1000;

  private final Scratch scratch = new Scratch();
  /** A plan that is not kept any more is forgotten here too: no value holds its key. */
  private final Map<Plan, RunMemory> bound = new WeakHashMap<>();
  private MemorySegment block = MemorySegment.NULL;
  private int small;

  /**
   * The memory of a run of a plan; nothing is allocated where the plan was here before and the block has its
   * size.
   *
   * @param limit the most bytes of a block, that of the plan or more
   */
  RunMemory of(Plan plan, long limit) {
    fit(plan.bytes(), limit);
    RunMemory memory = bound.get(plan);
    if (memory == null) {
      memory = new RunMemory(plan, block, scratch);
      bound.put(plan, memory);
    }
    return memory;
  }

  /** Grows by half at least: blocks that are left behind wait for the garbage collector. */
  private void fit(long bytes, long limit) {
    long size = block.byteSize();
    small = size > LARGE && bytes < size / 4 ? small + 1 : 0;
    if (bytes > size || small > PATIENCE) {
      long grown = bytes > size ? Math.max(bytes, Math.min(limit, size + size / 2)) : bytes;
      bound.clear();
      small = 0;
      block = allocate(grown);
    }
  }

  /** The bytes of the block. */
  long bytes() {
    return block.byteSize();
  }

  /** A block for a run. */
  static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(Math.max(1, bytes), 64);
  }
}

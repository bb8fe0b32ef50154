package dev.octet.internal.vector.common;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Native memory of a running tile, kept for the next one and grown when that needs more. Of an automatic
 * arena: allocating from it needs no native access, and the pool that holds it goes with its op.
 */
public final class NativeScratch {
  /** Elements of a heap array that are copied at a time; with the result they stay in L2. */
  public static final int PIECE = 16 << 10;

  private static final int ALIGNMENT = 64;

  private MemorySegment memory = MemorySegment.NULL;

  /** At least so many bytes, with whatever they hold. */
  public MemorySegment memory(long bytes) {
    if (memory.byteSize() < bytes) {
      memory = Arena.ofAuto().allocate(bytes, ALIGNMENT);
    }
    return memory;
  }
}

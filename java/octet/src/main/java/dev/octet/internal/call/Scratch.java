package dev.octet.internal.call;

import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;

/** Native memory of a running tile, kept for the next one and replaced where that needs more. */
public final class Scratch implements Resource {
  private NativeMemory memory;

  /**
   * Returns the address of at least so many bytes, aligned to 64; what was there may be lost.
   *
   * @param bytes 0 or more
   * @return 0 for no bytes
   * @throws OutOfMemoryError if there is not so much
   */
  public long of(long bytes) {
    if (bytes == 0) {
      return 0;
    }
    memory = NativeMemory.grown(memory, bytes);
    return memory.address();
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
    }
  }
}

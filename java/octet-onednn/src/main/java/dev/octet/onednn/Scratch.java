package dev.octet.onednn;

import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;

/** Memory of one running call that grows to what the largest call needed. */
final class Scratch implements Resource {
  private NativeMemory memory;

  /**
   * The address of at least so many bytes, aligned to 64; what was in them before may be gone.
   *
   * @param bytes 0 or more
   */
  long address(long bytes) {
    return memory(bytes).address();
  }

  /** The memory itself, of at least so many bytes. */
  NativeMemory memory(long bytes) {
    if (memory == null || memory.bytes() < bytes) {
      close();
      memory = NativeMemory.allocate(bytes);
    }
    return memory;
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}

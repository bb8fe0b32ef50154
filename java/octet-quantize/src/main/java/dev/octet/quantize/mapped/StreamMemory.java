package dev.octet.quantize.mapped;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The bytes of a stream in native memory.
 *
 * @param arena frees them
 * @param data the bytes, read-only
 */
record StreamMemory(Arena arena, MemorySegment data) {
  private static final int BUFFER = 1 << 16;
  /** More is not believed of {@link InputStream#available}. */
  private static final int MOST_AVAILABLE = 1 << 30;

  /**
   * Reads a stream to its end. One that says how many bytes are left, as those of files and jars do, takes
   * memory once.
   *
   * @param stream not closed
   * @throws IOException if it cannot be read; nothing is held then
   */
  static StreamMemory read(InputStream stream) throws IOException {
    byte[] buffer = new byte[BUFFER];
    Arena arena = shared();
    try {
      MemorySegment memory = arena.allocate(Math.clamp(stream.available(), BUFFER, MOST_AVAILABLE));
      long size = 0;
      for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
        if (memory.byteSize() - size < count) {
          Arena larger = shared();
          MemorySegment grown = grown(memory, size, larger);
          arena.close();
          arena = larger;
          memory = grown;
        }
        MemorySegment.copy(buffer, 0, memory, ValueLayout.JAVA_BYTE, size, count);
        size += count;
      }
      return new StreamMemory(arena, memory.asSlice(0, size).asReadOnly());
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /** An arena. */
  @SuppressWarnings("MustBeClosedChecker") // closed here, or by whoever gets the memory
  static Arena shared() {
    return Arena.ofShared();
  }

  private static MemorySegment grown(MemorySegment memory, long size, Arena larger) {
    try {
      MemorySegment grown = larger.allocate(2 * memory.byteSize());
      return grown.copyFrom(memory.asSlice(0, size));
    } catch (Throwable e) {
      larger.close();
      throw e;
    }
  }
}

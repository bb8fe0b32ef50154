package dev.octet.internal.ffm;

import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.MemorySegment;

/**
 * Segments of a caller, as the threads that work for him may touch them. The caller's thread has checked them
 * and stays in run() until every tile is done, but a worker may not touch a segment of the caller's confined
 * arena; it gets the same bytes as a part of all memory, by address: the only thread that could close the
 * arena is the one that waits for the worker. Every other segment is used as it is, and checks itself that it
 * is alive at each access from Java. Native code gets addresses, see {@link #keep}. Nothing here allocates.
 */
public final class Borrowed {
  /** Never started; no confined segment is accessible by it. */
  private static final Thread STRANGER = new Thread(() -> {
  }, "octet-nobody");

  private static final MemorySegment MEMORY = NativeLibrary.memory();

  private Borrowed() {}

  private static boolean isConfined(MemorySegment segment) {
    return !segment.isAccessibleBy(STRANGER);
  }

  /** The segment through which Java code on any thread reaches the bytes, from offset {@link #base} on. */
  public static MemorySegment view(MemorySegment segment) {
    return isConfined(segment) ? MEMORY : segment;
  }

  /** The offset in {@link #view} of the segment's first byte. */
  public static long base(MemorySegment segment) {
    return isConfined(segment) ? segment.address() : 0;
  }

  /**
   * The segment through which Java code on any thread reaches elements of a size, from the element
   * {@link #elementBase} on. A confined segment that is not aligned to its elements costs a slice.
   */
  public static MemorySegment elementView(MemorySegment segment, int size) {
    if (!isConfined(segment)) {
      return segment;
    }
    return segment.address() % size == 0 ? MEMORY : MEMORY.asSlice(segment.address(), segment.byteSize());
  }

  /** The index in {@link #elementView} of the segment's first element. */
  public static long elementBase(MemorySegment segment, int size) {
    return isConfined(segment) && segment.address() % size == 0 ? segment.address() / size : 0;
  }

  /**
   * What an execution takes along so that the bytes stay alive while native code reads or writes them by
   * address: the segment itself if its arena is shared or automatic.
   *
   * @param segment native
   */
  public static MemorySegment keep(MemorySegment segment) {
    return isConfined(segment) ? MemorySegment.NULL : segment;
  }
}

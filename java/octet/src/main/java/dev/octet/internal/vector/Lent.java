package dev.octet.internal.vector;

import dev.octet.internal.ffm.Borrowed;
import java.lang.foreign.MemorySegment;

/**
 * A caller's segment as the threads of a call may touch it, see {@link Borrowed}; which needs native access
 * for segments of a confined arena. Where the program does not have it, the caller does all tiles himself.
 */
final class Lent {
  /** Never started; no confined segment is accessible by it. */
  private static final Thread STRANGER = new Thread(() -> {
  }, "octet-stranger");

  private static final boolean NATIVE_ACCESS = Lent.class.getModule().isNativeAccessEnabled();

  /** The bytes, or null. */
  MemorySegment segment;
  /** The element of {@link #segment} that is the caller's first. */
  long first;

  /** Whether threads other than the caller's can reach the bytes. */
  static boolean isShareable(MemorySegment segment) {
    return segment == null || NATIVE_ACCESS || segment.isAccessibleBy(STRANGER);
  }

  /**
   * Lends.
   *
   * @param given what the caller gave, or null
   * @param size bytes of an element
   * @param shared whether other threads are to touch it
   */
  void set(MemorySegment given, int size, boolean shared) {
    if (given == null || !shared || given.isAccessibleBy(STRANGER)) {
      segment = given;
      first = 0;
    } else {
      segment = Borrowed.elementView(given, size);
      first = Borrowed.elementBase(given, size);
    }
  }

  /** Whether there are bytes, and in a heap array. */
  boolean isHeap() {
    return segment != null && !segment.isNative();
  }

  void clear() {
    segment = null;
  }
}

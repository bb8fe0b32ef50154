package dev.octet.internal.call;

import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * A caller's segment as the tiles of a call reach it: native code by {@link #address} and {@link #keep}, Java
 * code by {@link #segment} and {@link #first}. One object serves one call after the other and allocates
 * nothing, except where {@link #lend} has to slice.
 *
 * <p>
 * The caller's thread has checked the segment and stays in run() until every tile is done. Other threads may
 * not touch a segment of a confined arena; they get the same bytes as a part of all memory, by address: the
 * only thread that could close the arena is the one that waits for them. That needs native access, see
 * {@link #isShareable}. Every other segment is used as it is, and checks itself that it is alive.
 */
public final class Operand {
  /** Never started; no confined segment is accessible by it. */
  private static final Thread STRANGER = new Thread(() -> {
  }, "octet-stranger");

  private static final boolean NATIVE_ACCESS = Operand.class.getModule().isNativeAccessEnabled();

  /** What the caller gave, or null. */
  private MemorySegment given;
  private int elementBytes;

  /** Where Java code finds the elements, or null where there are none. */
  public MemorySegment segment;
  /** The element of {@link #segment} that is the caller's first one. */
  public long first;
  /** The address of the first byte; 0 where there are no elements, or where they are in a heap array. */
  public long address;
  /**
   * What a downcall takes along so that the bytes stay alive while native code uses them by address: the
   * segment itself if its arena is shared or automatic, else NULL.
   */
  public MemorySegment keep = MemorySegment.NULL;

  /**
   * Sets what the caller gave; it is used by the caller's thread alone until it is lent.
   *
   * @param segment the caller's, or null
   * @param elementBytes bytes of an element
   */
  public void set(MemorySegment segment, int elementBytes) {
    this.given = segment;
    this.segment = segment;
    this.elementBytes = elementBytes;
    this.first = 0;
    boolean isNative = segment != null && segment.isNative();
    this.address = isNative ? segment.address() : 0;
    this.keep = isNative && !isConfined(segment) ? segment : MemorySegment.NULL;
  }

  private static boolean isConfined(MemorySegment segment) {
    return !segment.isAccessibleBy(STRANGER);
  }

  /** Returns whether threads other than the caller's can reach the elements. */
  boolean isShareable() {
    return NATIVE_ACCESS || given == null || !isConfined(given);
  }

  /** Makes {@link #segment} and {@link #first} such that any thread may use them until the call ends. */
  void lend() {
    if (given == null || !isConfined(given)) {
      return;
    }
    MemorySegment all = NativeLibrary.memory();
    if (given.address() % elementBytes == 0) {
      segment = all;
      first = given.address() / elementBytes;
    } else {
      segment = all.asSlice(given.address(), given.byteSize());
    }
  }

  /** Returns whether there are elements, and in a heap array. */
  public boolean isHeap() {
    return given != null && !given.isNative();
  }

  /** Returns whether the caller gave a segment. */
  public boolean isGiven() {
    return given != null;
  }

  /** Forgets the segment, which was alive until now. */
  void clear() {
    MemorySegment alive = given;
    try {
      given = null;
      segment = null;
      keep = MemorySegment.NULL;
    } finally {
      Reference.reachabilityFence(alive);
    }
  }
}

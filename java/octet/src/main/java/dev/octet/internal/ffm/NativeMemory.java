package dev.octet.internal.ffm;

import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory of ours: packed weights, scratch, arguments; aligned to 64 bytes, not zeroed. From malloc, or in
 * {@link HugePages} where it is large, not from an arena: a shared arena stops every thread for a moment when
 * it closes, and a call that passes a segment of it pays 34 ns. What an arena would watch over is safe here
 * anyway: a kernel is closed when nobody runs it any more, and never used again.
 */
public final class NativeMemory implements Resource {
  private static final int ALIGNMENT = 64;
  private static final MethodHandle MALLOC = NativeLibrary.standard().function("malloc",
      FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE = NativeLibrary.standard().function("free",
      FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
  private static final AtomicLong IN_USE = new AtomicLong();

  /** What malloc gave, or null. */
  private final MemorySegment allocated;
  private final MemorySegment segment;
  private final AtomicBoolean closed = new AtomicBoolean();

  private NativeMemory(MemorySegment allocated, long address, long bytes) {
    this.allocated = allocated;
    this.segment = NativeLibrary.memory().asSlice(address, bytes);
    IN_USE.addAndGet(bytes);
  }

  /**
   * Allocates.
   *
   * @throws OutOfMemoryError if there is not so much
   */
  public static NativeMemory allocate(long bytes) {
    long mapped = HugePages.map(bytes);
    if (mapped != 0) {
      return new NativeMemory(null, mapped, bytes);
    }
    MemorySegment allocated = NativeLibrary
        .pointerOf(() -> (MemorySegment) MALLOC.invokeExact(Math.addExact(bytes, ALIGNMENT)));
    if (allocated.address() == 0) {
      throw new OutOfMemoryError("cannot allocate " + bytes + " bytes of native memory");
    }
    return new NativeMemory(allocated, (allocated.address() + ALIGNMENT - 1) & -ALIGNMENT, bytes);
  }

  /**
   * Allocates a copy.
   *
   * @param of native or heap
   * @throws OutOfMemoryError if there is not so much
   */
  public static NativeMemory copy(MemorySegment of) {
    NativeMemory memory = allocate(of.byteSize());
    MemorySegment.copy(of, 0, memory.segment, 0, of.byteSize());
    return memory;
  }

  /**
   * Memory of at least so many bytes: the given one, or a larger one for which it is closed.
   *
   * @param memory may be null
   * @throws OutOfMemoryError if there is not so much; the given memory is still there then
   */
  public static NativeMemory grown(NativeMemory memory, long bytes) {
    if (memory != null && memory.bytes() >= bytes) {
      return memory;
    }
    NativeMemory larger = allocate(bytes);
    if (memory != null) {
      memory.close();
    }
    return larger;
  }

  /** The memory; its scope is the global one, so nothing checks that it is not closed. */
  public MemorySegment segment() {
    return segment;
  }

  public long address() {
    return segment.address();
  }

  public long bytes() {
    return segment.byteSize();
  }

  /** Bytes that are allocated and not yet freed, in the whole process; for tests. */
  public static long inUse() {
    return IN_USE.get();
  }

  /** Frees it; harmless a second time. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      IN_USE.addAndGet(-segment.byteSize());
      if (allocated == null) {
        HugePages.unmap(segment.address(), segment.byteSize());
        return;
      }
      NativeLibrary.call(() -> {
        FREE.invokeExact(allocated);
      });
    }
  }
}

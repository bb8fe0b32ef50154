package dev.octet.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory for tests in which a step beyond a buffer is fatal: every buffer has pages of its own between two
 * pages that nobody may touch, and lies flush against one of them. Native code that reads or writes a single
 * byte past that end kills the process. What is left of the buffer's own pages, on its other side, is filled
 * with a pattern; {@link #close()} throws where that has been written to.
 *
 * <p>
 * Confined to the thread that made it. Linux only: the constants of mmap are written down here.
 */
public final class GuardedArena implements Arena {
  /** Which end of a buffer touches a forbidden page. */
  public enum Flush {
    /** The byte after the last one is forbidden. The buffer begins wherever its size puts it. */
    END,
    /** The byte before the first one is forbidden. */
    START
  }

  private static final int PROT_NONE = 0;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final long MAP_FAILED = -1;
  private static final byte PATTERN = (byte) 0xc3;

  private static final MethodHandle MMAP = libc("mmap", FunctionDescriptor.of(ValueLayout.ADDRESS,
      ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
      ValueLayout.JAVA_INT,
      ValueLayout.JAVA_LONG));
  private static final MethodHandle MPROTECT = libc("mprotect", FunctionDescriptor.of(ValueLayout.JAVA_INT,
      ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
  private static final MethodHandle MUNMAP = libc("munmap",
      FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
  private static final long PAGE = pageSize();

  /** A buffer with its pages. */
  private record Mapping(MemorySegment all, MemorySegment own, long offset, long size) {
    /** Whether the rest of the buffer's own pages still holds the pattern. */
    boolean intact() {
      return holdsPattern(own.asSlice(0, offset)) && holdsPattern(own.asSlice(offset + size));
    }

    private static boolean holdsPattern(MemorySegment rest) {
      for (long i = 0; i < rest.byteSize(); i++) {
        if (rest.get(ValueLayout.JAVA_BYTE, i) != PATTERN) {
          return false;
        }
      }
      return true;
    }
  }

  private final Arena scope = Arena.ofConfined();
  private final List<Mapping> mappings = new ArrayList<>();
  private final Flush flush;
  private final int slack;

  /** Buffers that touch a forbidden page. */
  public GuardedArena(Flush flush) {
    this(flush, 0);
  }

  /**
   * Buffers some bytes away from the forbidden page, so that floats lie at odd addresses.
   *
   * @param flush the end that is next to a forbidden page
   * @param slack bytes between that end and the page; they hold the pattern
   */
  public GuardedArena(Flush flush, int slack) {
    this.flush = flush;
    this.slack = slack;
  }

  /**
   * A buffer of zeros.
   *
   * @param byteSize its size, 0 or more
   * @param byteAlignment a power of two that the place next to the page happens to have: nothing is aligned
   * @return the buffer
   * @throws IllegalArgumentException if the place does not have that alignment
   */
  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    long pages = Math.max(1, Math.ceilDiv(byteSize + slack, PAGE));
    MemorySegment all = map((pages + 2) * PAGE);
    MemorySegment own = all.asSlice(PAGE, pages * PAGE);
    protect(own, PROT_READ_WRITE);
    own.fill(PATTERN);
    long offset = flush == Flush.END ? pages * PAGE - slack - byteSize : slack;
    mappings.add(new Mapping(all, own, offset, byteSize));
    if ((own.address() + offset) % byteAlignment != 0) {
      throw new IllegalArgumentException(
          byteSize + " bytes flush at their " + flush + " cannot be aligned to " + byteAlignment);
    }
    return own.asSlice(offset, byteSize).fill((byte) 0);
  }

  @Override
  public MemorySegment.Scope scope() {
    return scope.scope();
  }

  /**
   * Gives the memory back.
   *
   * @throws AssertionError if something was written beside a buffer
   */
  @Override
  public void close() {
    long damaged = mappings.stream().filter(mapping -> !mapping.intact()).count();
    scope.close();
    for (Mapping mapping : mappings) {
      unmap(mapping.all());
    }
    if (damaged > 0) {
      throw new AssertionError(
          "something was written beside " + damaged + " of " + mappings.size() + " buffers");
    }
  }

  private MemorySegment map(long size) {
    MemorySegment address;
    try {
      address = (MemorySegment) MMAP.invokeExact(MemorySegment.NULL, size, PROT_NONE, MAP_PRIVATE_ANONYMOUS,
          -1,
          0L);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
    if (address.address() == MAP_FAILED) {
      throw new IllegalStateException("mmap of " + size + " bytes failed");
    }
    return address.reinterpret(size, scope, null);
  }

  private static void protect(MemorySegment segment, int protection) {
    try {
      if ((int) MPROTECT.invokeExact(segment, segment.byteSize(), protection) != 0) {
        throw new IllegalStateException("mprotect failed");
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static void unmap(MemorySegment segment) {
    // The scope of the segment is closed: a bare address names the same pages.
    MemorySegment address = MemorySegment.ofAddress(segment.address());
    try {
      if ((int) MUNMAP.invokeExact(address, segment.byteSize()) != 0) {
        throw new IllegalStateException("munmap failed");
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static long pageSize() {
    try {
      return (int) libc("getpagesize", FunctionDescriptor.of(ValueLayout.JAVA_INT)).invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static MethodHandle libc(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup lookup = linker.defaultLookup();
    return linker.downcallHandle(lookup.findOrThrow(name), descriptor);
  }
}

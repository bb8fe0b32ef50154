package dev.octet.internal.ffm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Large memory from the system itself, in huge pages where Linux gives them to who asks (transparent huge
 * pages, "madvise" or "always"). Weights in pages of 4 KB lie wherever there was room, so some sets of a
 * cache hold too much of them and others nothing, which differs from process to process: one row times 4096 x
 * 4096 bytes of weights took 171 to 330 us (medians of one JVM and another, Zen 5), in huge pages 163 to 216.
 * And the system makes 8 pages instead of 4096: packing those weights into fresh memory took 4 ms, not 54.
 *
 * <p>
 * From mmap, not from malloc: what malloc gives a second time has its pages already.
 */
final class HugePages {
  /** Of a huge page on x86, and on Arm with pages of 4 KB; where they are larger the hint has no effect. */
  static final long BYTES = 2 << 20;
  /** More than any page that is not a huge one. */
  private static final long PAGE = 64 << 10;

  private static final boolean LINUX = "Linux".equals(System.getProperty("os.name"));

  private HugePages() {}

  /** The functions; on Linux alone, others have other numbers for the same names. */
  private static final class Linux {
    static final int PROT_READ_WRITE = 3;
    static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    static final int MADV_HUGEPAGE = 14;

    static final MethodHandle MMAP = NativeLibrary.standard().function("mmap",
        FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    static final MethodHandle MUNMAP = NativeLibrary.standard().function("munmap",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    static final MethodHandle MADVISE = NativeLibrary.standard().function("madvise", FunctionDescriptor
        .of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

    private Linux() {}
  }

  /**
   * Maps zeroed memory that begins with a huge page.
   *
   * @param bytes at least {@link #BYTES}, or nothing is mapped: what does not fill a huge page gets none
   * @return its address, or 0 where there is none to be had
   */
  static long map(long bytes) {
    if (!LINUX || bytes < BYTES || bytes > Long.MAX_VALUE - 2 * BYTES) {
      return 0;
    }
    long mapped = pages(bytes) + BYTES;
    long start = NativeLibrary.longOf(() -> (long) Linux.MMAP.invokeExact(0L, mapped, Linux.PROT_READ_WRITE,
        Linux.MAP_PRIVATE_ANONYMOUS, -1, 0L));
    if (start == -1) {
      return 0;
    }
    long aligned = (start + BYTES - 1) & -BYTES;
    long end = aligned + pages(bytes);
    munmap(start, aligned - start);
    munmap(end, start + mapped - end);
    // Where there are no huge pages this does nothing.
    int _ = NativeLibrary
        .intOf(() -> (int) Linux.MADVISE.invokeExact(aligned, bytes & -BYTES, Linux.MADV_HUGEPAGE));
    return aligned;
  }

  private static long pages(long bytes) {
    return (bytes + PAGE - 1) & -PAGE;
  }

  /**
   * Gives memory back.
   *
   * @param address what {@link #map} returned
   * @param bytes what it was asked for
   */
  static void unmap(long address, long bytes) {
    munmap(address, pages(bytes));
  }

  /** Whole pages, of whatever size they are. */
  private static void munmap(long address, long bytes) {
    if (bytes == 0) {
      return;
    }
    int status = NativeLibrary.intOf(() -> (int) Linux.MUNMAP.invokeExact(address, bytes));
    if (status != 0) {
      throw new AssertionError("munmap of " + bytes + " bytes failed");
    }
  }
}

package dev.octet.internal.vector.images;

import dev.octet.internal.call.LineCall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Parts of lines of nearest pixels. A line of the same pixels as the one before is a copy of it. */
final class NearestLines {
  /** Bytes of a line of the image that are copied, so that the loop over them is one over arrays. */
  private static final int NEAR = 4 * ResizeColumns.MOST;

  private final ResizeColumns columns;
  private final byte[] near = new byte[NEAR];
  private final byte[] results = new byte[ResizeColumns.MOST];
  private long last;
  private long lastTo;

  NearestLines(ResizeColumns columns) {
    this.columns = columns;
  }

  /** Begins another part. */
  void begin() {
    last = -1;
  }

  /**
   * Makes the part of a line.
   *
   * @param call its call
   * @param from the first byte of the line of the image
   * @param to the first byte of the part
   */
  void line(LineCall call, long from, long to) {
    MemorySegment dst = call.dst.segment;
    if (from == last) {
      MemorySegment.copy(dst, lastTo, dst, to, (long) columns.count * call.channels);
    } else if (call.channels >= ResizeColumns.WIDE) {
      wide(call, from, to);
    } else if (columns.end - columns.from <= NEAR) {
      MemorySegment.copy(call.src.segment, ValueLayout.JAVA_BYTE, from + columns.from, near, 0,
          (int) (columns.end - columns.from));
      int count = columns.count * call.channels;
      pick(near, columns.firstIndexes, results, count);
      MemorySegment.copy(results, 0, dst, ValueLayout.JAVA_BYTE, to, count);
    } else {
      wide(call, from, to);
    }
    last = from;
    lastTo = to;
  }

  private static void pick(byte[] from, int[] indexes, byte[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = from[indexes[i]];
    }
  }

  private void wide(LineCall call, long from, long to) {
    for (int i = 0; i < columns.count; i++) {
      MemorySegment.copy(call.src.segment, from + (long) columns.first[i] * call.channels, call.dst.segment,
          to + (long) i * call.channels, call.channels);
    }
  }
}

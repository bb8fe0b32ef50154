package dev.octet.internal.vector.images;

import dev.octet.internal.call.AutoMemory;
import dev.octet.internal.call.LineCall;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.ConvLoops;
import dev.octet.internal.vector.loops.Corners;
import dev.octet.internal.vector.loops.TapLine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Parts of lines between two lines. Of narrow pixels the elements of both lines are put side by side as
 * floats, and kept for the next line, which often lies between the same two. The loops write to native memory
 * alone, and read wide pixels there: what lies in heap arrays is copied.
 */
final class LinearLines {
  /** Bytes of a line of the image that become floats at a time. */
  private static final int NEAR = 4 * ResizeColumns.MOST;

  private final ResizeColumns columns;
  private final boolean unsigned;
  private final Corners corners = new Corners();
  private final byte[] bytes = new byte[NEAR];
  private final float[] floats = new float[NEAR];
  private final AutoMemory images = new AutoMemory();
  private final AutoMemory results = new AutoMemory();
  private TapLine upper = new TapLine(ResizeColumns.MOST);
  private TapLine lower = new TapLine(ResizeColumns.MOST);
  /** Where the lines in upper and lower begin, -1: nowhere. */
  private long upperAt;
  private long lowerAt;

  LinearLines(ResizeColumns columns, boolean unsigned) {
    this.columns = columns;
    this.unsigned = unsigned;
  }

  /** Begins another part, or the same of another call. */
  void begin() {
    upperAt = -1;
    lowerAt = -1;
  }

  /**
   * Makes the part of a line.
   *
   * @param call its call
   * @param image the first byte of the image
   * @param first the upper line
   * @param second the lower line
   * @param upperWeight of the upper line
   * @param lowerWeight of the lower line
   * @param to the first byte of the part
   */
  void line(LineCall call, long image, int first, int second, float upperWeight, float lowerWeight, long to) {
    long count = (long) columns.count * call.channels;
    boolean copied = Form.isSimd() && call.hasHeap();
    MemorySegment dst = copied ? results.of(count) : call.dst.segment;
    long at = copied ? 0 : to;
    long upperFrom = image + first * call.inBytes();
    long lowerFrom = image + second * call.inBytes();
    if (call.channels < ResizeColumns.WIDE) {
      narrow(call, upperFrom, lowerFrom);
      Form.resizes().blend(upper, lower, columns.factors, upperWeight, lowerWeight, dst, at, (int) count);
    } else if (copied) {
      long lineBytes = columns.end - columns.from;
      MemorySegment src = images.of(2 * lineBytes);
      MemorySegment.copy(call.src.segment, upperFrom + columns.from, src, 0, lineBytes);
      MemorySegment.copy(call.src.segment, lowerFrom + columns.from, src, lineBytes, lineBytes);
      wide(call, src, -columns.from, lineBytes - columns.from, upperWeight, lowerWeight, dst, at);
    } else {
      wide(call, call.src.segment, upperFrom, lowerFrom, upperWeight, lowerWeight, dst, at);
    }
    if (copied) {
      MemorySegment.copy(dst, 0, call.dst.segment, to, count);
    }
  }

  private void wide(LineCall call, MemorySegment src, long upperFrom, long lowerFrom, float upperWeight,
      float lowerWeight, MemorySegment dst, long to) {
    for (int i = 0; i < columns.count; i++) {
      long first = (long) columns.first[i] * call.channels;
      long second = (long) columns.second[i] * call.channels;
      corners.upperFirst = upperFrom + first;
      corners.upperSecond = upperFrom + second;
      corners.lowerFirst = lowerFrom + first;
      corners.lowerSecond = lowerFrom + second;
      corners.weigh(columns.firstWeights[i], columns.secondWeights[i], upperWeight, lowerWeight);
      Form.resizes().blend(src, corners, unsigned, dst, to + (long) i * call.channels, call.channels);
    }
  }

  /** Puts the elements of two lines into upper and lower. */
  private void narrow(LineCall call, long upperFrom, long lowerFrom) {
    if (upperFrom == lowerAt || lowerFrom == upperAt) {
      TapLine other = upper;
      upper = lower;
      lower = other;
      long at = upperAt;
      upperAt = lowerAt;
      lowerAt = at;
    }
    if (upperFrom != upperAt) {
      fill(call, upperFrom, upper);
      upperAt = upperFrom;
    }
    if (lowerFrom != lowerAt) {
      fill(call, lowerFrom, lower);
      lowerAt = lowerFrom;
    }
  }

  private void fill(LineCall call, long from, TapLine line) {
    int count = columns.count * call.channels;
    long span = columns.end - columns.from;
    if (span > NEAR) {
      far(call.src.segment, from + columns.from, columns.firstIndexes, line.first(), count);
      far(call.src.segment, from + columns.from, columns.secondIndexes, line.second(), count);
      return;
    }
    MemorySegment.copy(call.src.segment, ValueLayout.JAVA_BYTE, from + columns.from, bytes, 0, (int) span);
    // U8 as what it is: 128 less, and 128 added.
    ConvLoops.centre(bytes, (int) span, unsigned ? 0x80 : 0, unsigned ? -128 : 0, floats, 0);
    Form.resizes().gather(floats, columns.firstIndexes, line.first(), count);
    Form.resizes().gather(floats, columns.secondIndexes, line.second(), count);
  }

  private void far(MemorySegment src, long at, int[] indexes, float[] to, int count) {
    int mask = unsigned ? 0xff : -1;
    for (int i = 0; i < count; i++) {
      to[i] = src.get(ValueLayout.JAVA_BYTE, at + indexes[i]) & mask;
    }
  }
}

package dev.octet.onnx.internal.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Places in one block of memory for buffers that live for some steps each: two that live at the same time
 * share no byte. First fit, in the order of the steps.
 */
final class Layout {
  /** A vector of AVX-512, and a line of a cache. */
  private static final long ALIGNMENT = 64;

  /** Part of the block that nobody has. */
  private record Gap(long from, long to) {}

  private final List<Gap> gaps = new ArrayList<>(List.of(new Gap(0, Long.MAX_VALUE)));
  private long size;

  /** Takes a place of so many bytes. */
  long take(long bytes) {
    long wanted = rounded(bytes);
    for (int i = 0; i < gaps.size(); i++) {
      Gap gap = gaps.get(i);
      if (gap.to - gap.from >= wanted) {
        if (gap.to - gap.from == wanted) {
          gaps.remove(i);
        } else {
          gaps.set(i, new Gap(gap.from + wanted, gap.to));
        }
        size = Math.max(size, gap.from + wanted);
        return gap.from;
      }
    }
    throw new IllegalArgumentException("the values of a run overflow 63 bits of memory");
  }

  /** Gives a place back. */
  void free(long at, long bytes) {
    long from = at;
    long to = at + rounded(bytes);
    if (from == to) {
      return;
    }
    int place = 0;
    while (place < gaps.size() && gaps.get(place).from < from) {
      place++;
    }
    if (place < gaps.size() && gaps.get(place).from == to) {
      to = gaps.remove(place).to;
    }
    if (place > 0 && gaps.get(place - 1).to == from) {
      from = gaps.remove(--place).from;
    }
    gaps.add(place, new Gap(from, to));
  }

  /** The bytes of the block, as far as places were taken. */
  long size() {
    return size;
  }

  private static long rounded(long bytes) {
    if (bytes > Long.MAX_VALUE - ALIGNMENT) {
      throw new IllegalArgumentException("the values of a run overflow 63 bits of memory");
    }
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}

package dev.octet.internal.dispatch;

import dev.octet.engine.SegmentAccess;
import java.lang.foreign.MemorySegment;

/**
 * The checks that every run makes before memory reaches a kernel. They compare longs and allocate nothing;
 * the messages name the operand, what was expected and what came.
 */
public final class Checks {
  private Checks() {}

  /** A number that must not be negative. */
  public static int notNegative(String operand, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(operand + ": expected >= 0, got " + value);
    }
    return value;
  }

  /** A size or stride that must not be negative. */
  public static long notNegative(String operand, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(operand + ": expected >= 0, got " + value);
    }
    return value;
  }

  /** A number that must be at least 1. */
  public static int positive(String operand, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(operand + ": expected >= 1, got " + value);
    }
    return value;
  }

  /** A row stride in elements. */
  public static long stride(String operand, long stride, long columns) {
    if (stride < columns) {
      throw new IllegalArgumentException(
          operand + ": expected a row stride of at least " + columns + " elements, got " + stride);
    }
    return stride;
  }

  /**
   * The bytes from the first to the last element of strided rows; numbers were checked not to be negative.
   *
   * @throws IllegalArgumentException if they overflow a long
   */
  public static long extent(String operand, long rows, long stride, long columns, int elementBytes) {
    return extent(operand, 1, 0, rows, stride, columns, elementBytes);
  }

  /**
   * The bytes from the first to the last element of strided matrices of strided rows.
   *
   * @throws IllegalArgumentException if they overflow a long
   */
  public static long extent(String operand, long batch, long batchStride, long rows, long stride,
      long columns,
      int elementBytes) {
    if (batch == 0 || rows == 0 || columns == 0) {
      return 0;
    }
    long toLastRow = sum(operand, product(operand, batch - 1, batchStride),
        product(operand, rows - 1, stride));
    return product(operand, sum(operand, toLastRow, columns), elementBytes);
  }

  /** The sum of sizes. */
  public static long sum(String operand, long a, long b) {
    if (a + b < 0) {
      throw new IllegalArgumentException(operand + ": size " + a + " + " + b + " overflows 64 bits");
    }
    return a + b;
  }

  /** The product of sizes, which were checked not to be negative. */
  public static long product(String operand, long a, long b) {
    if (Math.multiplyHigh(a, b) != 0 || a * b < 0) {
      throw new IllegalArgumentException(operand + ": size " + a + " x " + b + " overflows 64 bits");
    }
    return a * b;
  }

  /** A segment that is read. */
  public static void readable(String operand, MemorySegment segment, long bytes) {
    if (segment == null) {
      throw new IllegalArgumentException(operand + ": expected a segment, got null");
    }
    if (segment.byteSize() < bytes) {
      throw tooSmall(operand, segment, bytes);
    }
    SegmentAccess.require(operand, segment);
  }

  /** A segment that is written. */
  public static void writable(String operand, MemorySegment segment, long bytes) {
    readable(operand, segment, bytes);
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException(operand + ": the segment is read-only");
    }
  }

  /**
   * Two operands that must not share a byte; sizes were checked before. Only the given bytes count, not what
   * the segments hold beyond them. Addresses are compared first (offsets into the array for heap segments),
   * so that no slice is made unless the numbers overlap: segments that then overlap as a whole are of one
   * memory.
   */
  public static void disjoint(String a, MemorySegment first, long firstBytes, String b, MemorySegment second,
      long secondBytes) {
    if (firstBytes != 0 && secondBytes != 0 && first.address() - second.address() < secondBytes
        && second.address() - first.address() < firstBytes && first.asOverlappingSlice(second).isPresent()) {
      throw new IllegalArgumentException(b + ": expected memory of its own, but it overlaps " + a);
    }
  }

  /**
   * Two operands that must be the same memory or share no byte; sizes were checked before. Addresses are
   * compared first (offsets into the array for heap segments), so that neither the usual case nor work in
   * place makes a slice: ranges apart share nothing and equal ranges are allowed, whatever the memory is.
   */
  public static void sameOrDisjoint(String a, MemorySegment first, String b, MemorySegment second,
      long bytes) {
    long distance = Math.abs(first.address() - second.address());
    if (distance != 0 && distance < bytes && first.asOverlappingSlice(second).isPresent()) {
      throw new IllegalArgumentException(
          b + ": expected the same memory as " + a + " or memory of its own, but it overlaps " + a
              + " in part");
    }
  }

  private static IllegalArgumentException tooSmall(String operand, MemorySegment segment, long bytes) {
    return new IllegalArgumentException(
        operand + ": expected at least " + bytes + " bytes, got " + segment.byteSize());
  }
}

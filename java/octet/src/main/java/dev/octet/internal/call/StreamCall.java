package dev.octet.internal.call;

import java.lang.foreign.MemorySegment;

/** A call that goes element by element through dense streams. */
@SuppressWarnings("this-escape") // operand() calls nothing
public class StreamCall extends Call {
  /** The first operand. */
  public final Operand left = operand();
  /** The second operand; or not given. */
  public final Operand right = operand();
  /** The result; or not given. */
  public final Operand dst = operand();
  /** The length of the axis that has scales of its own. */
  public long axis;
  /** The product of the dimensions inside of {@link #axis}. */
  public long inner;
  /** The first element in all of the streams. */
  public long first;
  /** The number of elements. */
  public long count;
  /** Elements of a tile. */
  public long perTile;

  /**
   * Sets what the caller gave.
   *
   * @param leftOperand a stream
   * @param rightOperand a stream, or null
   * @param result a stream, or null
   * @param from the first element in all of them
   * @param elements how many
   */
  public final void set(MemorySegment leftOperand, MemorySegment rightOperand, MemorySegment result,
      long from, long elements) {
    left.set(leftOperand, 1);
    right.set(rightOperand, 1);
    dst.set(result, 1);
    first = from;
    count = elements;
  }

  /** Returns the number of tiles. */
  public final int tiles() {
    return (int) Math.ceilDiv(count, perTile);
  }

  /** Returns the first element of a tile, counted from the call's first. */
  public final long firstOf(int tile) {
    return tile * perTile;
  }

  /** Returns the elements of a tile. */
  public final long countOf(int tile) {
    return Math.min(perTile, count - firstOf(tile));
  }
}

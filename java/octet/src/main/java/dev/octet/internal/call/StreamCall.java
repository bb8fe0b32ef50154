package dev.octet.internal.call;

import java.lang.foreign.MemorySegment;

/** A call that goes element by element through dense streams. */
@SuppressWarnings("this-escape") // operand() calls nothing
public class StreamCall extends Call {
  /** The operand. */
  public final Operand src = operand();
  /** The result; or not given. */
  public final Operand dst = operand();
  /** The length of the axis that has scales of its own. */
  public long axis;
  /** The product of the dimensions inside of {@link #axis}. */
  public long inner;
  /** The first element in both streams. */
  public long first;
  /** The number of elements. */
  public long count;
  /** Elements of a tile. */
  public long perTile;

  /**
   * Sets what the caller gave.
   *
   * @param operand a stream
   * @param result a stream, or null
   * @param from the first element in both of them
   * @param elements how many
   */
  public final void set(MemorySegment operand, MemorySegment result, long from, long elements) {
    src.set(operand, 1);
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

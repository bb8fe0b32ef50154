package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.StreamCall;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;

/**
 * Element by element in C, like {@link RowKernel} for dense streams. A call that is over within microseconds
 * is one downcall that takes heap memory too; a longer one on one thread is one downcall over native memory;
 * what several threads share, or what lies in heap arrays, goes tile by tile.
 */
abstract class StreamKernel extends TiledKernel<StreamCall, StreamKernel.Tile> {
  private final double elementsPerNano;
  private final int leftBits;
  private final int rightBits;
  private final int dstBits;
  private final long quickCount;

  /**
   * Over streams.
   *
   * @param workers the threads that share a call
   * @param elementsPerNano about so many; within a factor of two is near enough for cutting a call
   * @param leftBits of an element of the first operand
   * @param rightBits of the second operand, 0: there is none
   * @param dstBits of the result
   */
  StreamKernel(Workers workers, double elementsPerNano, int leftBits, int rightBits, int dstBits) {
    super(workers);
    this.elementsPerNano = elementsPerNano;
    this.leftBits = leftBits;
    this.rightBits = rightBits;
    this.dstBits = dstBits;
    this.quickCount = (long) (Cutting.QUICK_NANOS * elementsPerNano);
  }

  @Override
  protected StreamCall newCall() {
    return new StreamCall();
  }

  @Override
  protected Tile newState() {
    return new Tile();
  }

  /** Elements of a simple conversion in a nanosecond, from and to memory beyond the second cache. */
  static double rate(Isa isa) {
    return switch (isa) {
      case BASELINE -> 1;
      case AVX2, AVXVNNI, AVX512, AVX512VNNI -> 6;
    };
  }

  /** One downcall that takes any memory, over within microseconds. */
  abstract void quick(MemorySegment left, MemorySegment right, MemorySegment dst, long axis, long inner,
      long count);

  /** One downcall over native memory. */
  abstract void whole(MemorySegment left, MemorySegment right, MemorySegment dst, long axis, long inner,
      long count);

  /** One downcall for one tile. */
  abstract void tile(Tile tile);

  /**
   * Works.
   *
   * @param left the first operand
   * @param right the second operand, or NULL
   * @param dst the result
   * @param axis for {@link Tile#axis}
   * @param inner for {@link Tile#inner}
   * @param count elements
   */
  final void stream(MemorySegment left, MemorySegment right, MemorySegment dst, long axis, long inner,
      long count) {
    if (count == 0) {
      return;
    }
    if (count <= quickCount) {
      quick(left, right, dst, axis, inner, count);
      return;
    }
    boolean copied = !(left.isNative() && right.isNative() && dst.isNative());
    long perTile = perTile(count, copied);
    if (perTile >= count && !copied) {
      whole(left, right, dst, axis, inner, count);
      return;
    }
    StreamCall call = begin();
    try {
      call.set(left, right, dst, 0, count);
      call.axis = axis;
      call.inner = inner;
      call.perTile = perTile;
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  private long perTile(long count, boolean copied) {
    long elements = Cutting.STREAM.elements(count, count / elementsPerNano, threads(), Cutting.GRAIN);
    if (!copied) {
      return elements;
    }
    // No more tiles than an int can count.
    long most = Math.max(8 * Cutting.COPIED_BYTES / (leftBits + rightBits + dstBits), count >>> 30);
    return Math.min(elements, Math.ceilDiv(most, Cutting.GRAIN) * Cutting.GRAIN);
  }

  private static long bytes(long elements, int bits) {
    return (elements * bits + 7) / 8;
  }

  @Override
  protected final void tile(StreamCall call, Tile tile, int number) {
    tile.axis = call.axis;
    tile.inner = call.inner;
    tile.first = call.firstOf(number);
    tile.count = call.countOf(number);
    long leftBytes = bytes(tile.count, leftBits);
    long rightBytes = bytes(tile.count, rightBits);
    long dstBytes = bytes(tile.count, dstBits);
    long dstAt = bytes(tile.first, dstBits);
    Copies copies = tile.copies;
    copies.begin(call, leftBytes + rightBytes + dstBytes);
    tile.left = copies.in(call.left, bytes(tile.first, leftBits), leftBytes);
    tile.right = copies.in(call.right, bytes(tile.first, rightBits), rightBytes);
    tile.dst = copies.out(call.dst, dstAt, dstBytes);
    tile.keepLeft = call.left.keep;
    tile.keepRight = call.right.keep;
    tile.keepDst = call.dst.keep;
    tile(tile);
    copies.back(tile.dst, call.dst, dstAt, dstBytes);
  }

  /** The arguments of {@link #tile}, and what a running tile has for itself. */
  static final class Tile extends StatePool.State {
    long left;
    long right;
    long dst;
    /** The length of the axis that has scales of its own, and the product of the dimensions inside of it. */
    long axis;
    long inner;
    /** The first element of the tile, to which the addresses point, among all of the call. */
    long first;
    long count;
    MemorySegment keepLeft = MemorySegment.NULL;
    MemorySegment keepRight = MemorySegment.NULL;
    MemorySegment keepDst = MemorySegment.NULL;
    private final Copies copies = new Copies();

    @Override
    protected void clear() {
      keepLeft = MemorySegment.NULL;
      keepRight = MemorySegment.NULL;
      keepDst = MemorySegment.NULL;
    }

    @Override
    public void close() {
      copies.close();
    }
  }
}

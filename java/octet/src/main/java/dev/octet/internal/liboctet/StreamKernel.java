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
  private final int srcBits;
  private final int dstBits;
  private final long quickCount;

  /**
   * Over streams.
   *
   * @param workers the threads that share a call
   * @param elementsPerNano about so many; within a factor of two is near enough for cutting a call
   * @param srcBits of an element of the operand
   * @param dstBits of the result
   */
  StreamKernel(Workers workers, double elementsPerNano, int srcBits, int dstBits) {
    super(workers);
    this.elementsPerNano = elementsPerNano;
    this.srcBits = srcBits;
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
      case BASELINE, NEON, DOTPROD, I8MM -> 1;
      case AVX2, AVXVNNI, AVX512, AVX512VNNI -> 6;
    };
  }

  /** One downcall that takes any memory, over within microseconds. */
  abstract void quick(MemorySegment src, MemorySegment dst, long axis, long inner,
      long count);

  /** One downcall over native memory. */
  abstract void whole(MemorySegment src, MemorySegment dst, long axis, long inner,
      long count);

  /** One downcall for one tile. */
  abstract void tile(Tile tile);

  /**
   * Works.
   *
   * @param src the operand
   * @param dst the result
   * @param axis for {@link Tile#axis}
   * @param inner for {@link Tile#inner}
   * @param count elements
   */
  final void stream(MemorySegment src, MemorySegment dst, long axis, long inner,
      long count) {
    if (count == 0) {
      return;
    }
    if (count <= quickCount) {
      quick(src, dst, axis, inner, count);
      return;
    }
    boolean copied = !(src.isNative() && dst.isNative());
    long perTile = perTile(count, copied);
    if (perTile >= count && !copied) {
      whole(src, dst, axis, inner, count);
      return;
    }
    StreamCall call = begin();
    try {
      call.set(src, dst, 0, count);
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
    long most = Math.max(8 * Cutting.COPIED_BYTES / (srcBits + dstBits), count >>> 30);
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
    long srcBytes = bytes(tile.count, srcBits);
    long dstBytes = bytes(tile.count, dstBits);
    long dstAt = bytes(tile.first, dstBits);
    Copies copies = tile.copies;
    copies.begin(call, srcBytes + dstBytes);
    tile.src = copies.in(call.src, bytes(tile.first, srcBits), srcBytes);
    tile.dst = copies.out(call.dst, dstAt, dstBytes);
    tile.keepSrc = call.src.keep;
    tile.keepDst = call.dst.keep;
    tile(tile);
    copies.back(tile.dst, call.dst, dstAt, dstBytes);
  }

  /** The arguments of {@link #tile}, and what a running tile has for itself. */
  static final class Tile extends StatePool.State {
    long src;
    long dst;
    /** The length of the axis that has scales of its own, and the product of the dimensions inside of it. */
    long axis;
    long inner;
    /** The first element of the tile, to which the addresses point, among all of the call. */
    long first;
    long count;
    MemorySegment keepSrc = MemorySegment.NULL;
    MemorySegment keepDst = MemorySegment.NULL;
    private final Copies copies = new Copies();

    @Override
    protected void clear() {
      keepSrc = MemorySegment.NULL;
      keepDst = MemorySegment.NULL;
    }

    @Override
    public void close() {
      copies.close();
    }
  }
}

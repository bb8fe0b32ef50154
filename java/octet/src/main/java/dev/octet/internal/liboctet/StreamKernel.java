package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Element by element in C: how a call gets there, like {@link RowKernel} for dense streams. A call that is
 * over within microseconds is one downcall that takes heap memory too; a longer one on one thread is one
 * downcall over native memory; what several threads share, or what lies in heap arrays, goes tile by tile.
 */
abstract class StreamKernel implements Resource {
  /** The longest call for which the garbage collector may have to wait. */
  private static final double QUICK_NANOS = 5_000;
  /** Shorter calls stay on one thread. */
  private static final double ALONE_NANOS = 20_000;
  private static final double SHORTEST_TILE = 8_000;
  private static final double LONGEST_TILE = 50_000;
  /** A tile for each thread is one too few where one of them is late. */
  private static final int TILES_A_THREAD = 4;
  /** Heap memory is copied in tiles of about so much, which L2 keeps. */
  private static final long COPIED_BYTES = 256 << 10;
  /** Tiles begin at a multiple of this: at a whole byte of 4-bit elements, and at a vector. */
  private static final long GRAIN = 1024;

  private final Workers workers;
  private final double elementsPerNano;
  private final int leftBits;
  private final int rightBits;
  private final int dstBits;
  private final long quickCount;
  private final StatePool<State> states = new StatePool<>(State::new);

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
    this.workers = workers;
    this.elementsPerNano = elementsPerNano;
    this.leftBits = leftBits;
    this.rightBits = rightBits;
    this.dstBits = dstBits;
    this.quickCount = (long) (QUICK_NANOS * elementsPerNano);
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
    State state = states.take();
    try {
      Call call = state.call;
      call.left.set(left, 0);
      call.right.set(right, 0);
      call.dst.set(dst, 0);
      call.axis = axis;
      call.inner = inner;
      call.count = count;
      call.perTile = perTile;
      try {
        workers.run((int) Math.ceilDiv(count, perTile), call);
      } finally {
        call.clear();
      }
    } finally {
      states.give(state);
      Reference.reachabilityFence(left);
      Reference.reachabilityFence(right);
      Reference.reachabilityFence(dst);
    }
  }

  private long perTile(long count, boolean copied) {
    double nanos = count / elementsPerNano;
    int threads = workers.threads();
    long elements = count;
    if (threads > 1 && nanos >= ALONE_NANOS) {
      double tile = Math.clamp(nanos / ((double) threads * TILES_A_THREAD), SHORTEST_TILE, LONGEST_TILE);
      elements = (long) (tile * elementsPerNano);
    }
    if (copied) {
      elements = Math.min(elements, 8 * COPIED_BYTES / (leftBits + rightBits + dstBits));
    }
    // No more tiles than an int can count.
    elements = Math.max(elements, count >>> 30);
    return Math.ceilDiv(elements, GRAIN) * GRAIN;
  }

  @Override
  public void close() {
    states.close();
  }

  private static long bytes(long elements, int bits) {
    return (elements * bits + 7) / 8;
  }

  /** The arguments of {@link #tile}. */
  static final class Tile {
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

    private void clear() {
      keepLeft = MemorySegment.NULL;
      keepRight = MemorySegment.NULL;
      keepDst = MemorySegment.NULL;
    }
  }

  /** A running call. */
  private final class Call implements Workers.Tiles {
    private final Operand left = new Operand();
    private final Operand right = new Operand();
    private final Operand dst = new Operand();
    private long axis;
    private long inner;
    private long count;
    private long perTile;

    @Override
    public void run(int number) {
      State state = states.take();
      try {
        state.run(this, number);
      } finally {
        states.give(state);
      }
    }

    void clear() {
      left.clear();
      right.clear();
      dst.clear();
    }
  }

  /** What one running call, or one running tile, has for itself. */
  private final class State extends StatePool.State {
    private final Call call = new Call();
    private final Tile tile = new Tile();
    private NativeMemory copies;

    void run(Call call, int number) {
      tile.axis = call.axis;
      tile.inner = call.inner;
      tile.first = number * call.perTile;
      tile.count = Math.min(call.perTile, call.count - tile.first);
      long leftBytes = bytes(tile.count, leftBits);
      long rightBytes = bytes(tile.count, rightBits);
      long dstBytes = bytes(tile.count, dstBits);
      long dstOffset = bytes(tile.first, dstBits);
      long copy = 0;
      if (call.left.isHeap() || call.right.isHeap() || call.dst.isHeap()) {
        copies = NativeMemory.grown(copies, leftBytes + rightBytes + dstBytes);
        copy = copies.address();
      }
      try {
        tile.left = source(call.left, bytes(tile.first, leftBits), leftBytes, copy);
        tile.keepLeft = call.left.keep;
        tile.right = source(call.right, bytes(tile.first, rightBits), rightBytes, copy + leftBytes);
        tile.keepRight = call.right.keep;
        long result = copy + leftBytes + rightBytes;
        tile.dst = call.dst.isHeap() ? result : call.dst.address + dstOffset;
        tile.keepDst = call.dst.keep;
        StreamKernel.this.tile(tile);
        if (call.dst.isHeap()) {
          MemorySegment.copy(NativeLibrary.memory(), result, call.dst.segment, dstOffset, dstBytes);
        }
      } finally {
        tile.clear();
      }
    }

    /** Where a tile's part of an operand is, or a copy of it. */
    private static long source(Operand operand, long offset, long bytes, long copy) {
      if (operand.isHeap()) {
        MemorySegment.copy(operand.segment, offset, NativeLibrary.memory(), copy, bytes);
        return copy;
      }
      return operand.address + offset;
    }

    @Override
    public void close() {
      if (copies != null) {
        copies.close();
      }
    }
  }
}

package dev.octet.internal.vector;

import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Element by element: how a call is cut into tiles for threads, and how operands get to loops that want
 * native memory, heap arrays being copied piece by piece.
 */
abstract class ElementKernel {
  /** Elements in a nanosecond, roughly: within a factor of two is near enough for cutting a call. */
  private static final double RATE = Form.isSimd() ? 8 : 3;
  /** Shorter calls stay on one thread. */
  private static final long ALONE = (long) (20_000 * RATE);
  private static final long SHORTEST_TILE = (long) (8_000 * RATE);
  private static final long LONGEST_TILE = 1 << 22;
  /** A tile for each thread is one too few where one of them is late. */
  private static final int TILES_A_THREAD = 4;
  /** Tiles begin at a multiple of this: at a whole byte of 4-bit elements, and at a vector. */
  private static final long GRAIN = 1024;
  /** Elements of a heap array that are copied at a time; with the result they stay in L2. */
  private static final int PIECE = 16 << 10;

  private final Workers workers;
  private final int leftBits;
  private final int rightBits;
  private final int dstBits;
  private final StatePool<State> states = new StatePool<>(State::new);

  /**
   * Over streams.
   *
   * @param workers the threads that share a call
   * @param leftBits of an element of the first operand
   * @param rightBits of the second operand, 0: there is none
   * @param dstBits of the result, 0: there is none
   */
  ElementKernel(Workers workers, int leftBits, int rightBits, int dstBits) {
    this.workers = workers;
    this.leftBits = leftBits;
    this.rightBits = rightBits;
    this.dstBits = dstBits;
  }

  /**
   * Does some elements.
   *
   * @param state of the running tile, its span set; the span may be changed
   * @param call what the run was told of the shape
   * @param first the first element among all of the call
   */
  abstract void work(State state, Call call, long first);

  /**
   * Works.
   *
   * @param left the first operand
   * @param right the second operand, or null
   * @param dst the result
   * @param axis for {@link Call#axis}
   * @param inner for {@link Call#inner}
   * @param count elements
   */
  final void stream(MemorySegment left, MemorySegment right, MemorySegment dst, long axis, long inner,
      long count) {
    State state = states.take();
    state.call.axis = axis;
    state.call.inner = inner;
    run(state, left, right, dst, 0, count, GRAIN);
  }

  /**
   * Works on rows.
   *
   * @param src the operand
   * @param dst the result, or null
   * @param first the first element in both
   * @param count elements
   * @param rows for {@link Call#rows}
   * @param grain whatever is done at a time begins at a multiple of so many elements
   */
  final void stream(MemorySegment src, MemorySegment dst, long first, long count, RowParameters rows,
      long grain) {
    State state = states.take();
    state.call.rows = rows;
    run(state, src, null, dst, first, count, grain);
  }

  private void run(State state, MemorySegment left, MemorySegment right, MemorySegment dst, long first,
      long count, long grain) {
    Call call = state.call;
    try {
      call.count = count;
      call.piece = (int) Math.max(grain, PIECE / grain * grain);
      boolean shared = workers.threads() > 1 && count >= ALONE && Lent.isShareable(left)
          && Lent.isShareable(right) && Lent.isShareable(dst);
      call.left.set(left, 1, shared);
      call.right.set(right, 1, shared);
      call.dst.set(dst, 1, shared);
      call.first = first;
      if (shared) {
        long tile = Math.clamp(count / ((long) workers.threads() * TILES_A_THREAD), SHORTEST_TILE,
            LONGEST_TILE);
        call.perTile = Math.ceilDiv(Math.max(tile, count >>> 30), grain) * grain;
        workers.run((int) Math.ceilDiv(count, call.perTile), call);
      } else if (count > 0) {
        state.run(call, 0, count);
      }
    } finally {
      call.clear();
      states.give(state);
      Reference.reachabilityFence(left);
      Reference.reachabilityFence(right);
      Reference.reachabilityFence(dst);
    }
  }

  /** Frees what running calls had for themselves. */
  public void close() {
    states.close();
  }

  private static long bytes(long elements, int bits) {
    return (elements * bits + 7) / 8;
  }

  /** A running call. */
  final class Call implements Workers.Tiles {
    /** The length of the axis that has scales of its own, and the product of the dimensions inside of it. */
    long axis;
    long inner;
    private final Lent left = new Lent();
    private final Lent right = new Lent();
    private final Lent dst = new Lent();
    /** The first element in all of them. */
    private long first;
    /** What the rows bring, or get; null where there are none. */
    RowParameters rows;
    private long count;
    private long perTile;
    private int piece;

    private void clear() {
      left.clear();
      right.clear();
      dst.clear();
      rows = null;
    }

    @Override
    public void run(int tile) {
      State state = states.take();
      try {
        long first = tile * perTile;
        state.run(this, first, Math.min(perTile, count - first));
      } finally {
        states.give(state);
      }
    }
  }

  /** What one running call, or one running tile, has for itself. */
  final class State extends StatePool.State {
    /** The loops of the running tile. */
    final Elements loops = new Elements();
    /** The elements to do. */
    final Span span = new Span();
    /** Scales and zero points of some elements. */
    final float[] scales = new float[ElementLoops.TABLE];
    final int[] zeroPoints = new int[ElementLoops.TABLE];
    private final Call call = new Call();
    private final NativeScratch elements = new NativeScratch();
    private final NativeScratch scratch = new NativeScratch();

    /** Native memory for some elements as bytes. */
    MemorySegment asBytes() {
      return elements.memory(ElementLoops.TABLE);
    }

    private void run(Call call, long first, long count) {
      boolean copied = loops.nativeOnly()
          && (call.left.isHeap() || call.right.isHeap() || call.dst.isHeap());
      long most = copied ? call.piece : Math.max(call.piece, (1 << 30) / call.piece * (long) call.piece);
      try {
        for (long done = 0; done < count; done += most) {
          span.count = (int) Math.min(most, count - done);
          span.left = call.left.segment;
          span.leftAt = call.left.first + bytes(call.first + first + done, leftBits);
          span.right = call.right.segment;
          span.rightAt = call.right.first + bytes(call.first + first + done, rightBits);
          span.dst = call.dst.segment;
          span.dstAt = call.dst.first + bytes(call.first + first + done, dstBits);
          if (copied) {
            copied(call, first + done);
          } else {
            work(this, call, first + done);
          }
        }
      } finally {
        span.clear();
      }
    }

    /** All operands copied, even if some are native: in place they must stay the same memory. */
    private void copied(Call call, long first) {
      long leftBytes = bytes(span.count, leftBits);
      long rightBytes = bytes(span.count, rightBits);
      long dstBytes = bytes(span.count, dstBits);
      MemorySegment memory = scratch.memory(leftBytes + rightBytes + dstBytes);
      MemorySegment dst = span.dst;
      long dstAt = span.dstAt;
      MemorySegment.copy(span.left, span.leftAt, memory, 0, leftBytes);
      if (span.right != null) {
        MemorySegment.copy(span.right, span.rightAt, memory, leftBytes, rightBytes);
      }
      span.left = memory;
      span.leftAt = 0;
      span.right = memory;
      span.rightAt = leftBytes;
      span.dst = memory;
      span.dstAt = leftBytes + rightBytes;
      work(this, call, first);
      if (dst != null) {
        MemorySegment.copy(memory, leftBytes + rightBytes, dst, dstAt, dstBytes);
      }
    }

    @Override
    public void close() {}
  }
}

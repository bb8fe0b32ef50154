package dev.octet.internal.vector.elements;

import dev.octet.internal.call.AutoMemory;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.StreamCall;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;

/**
 * Element by element: how a call is cut into tiles for threads, and how operands get to loops that want
 * native memory, heap arrays being copied piece by piece.
 */
abstract class ElementKernel extends TiledKernel<ElementKernel.Call, ElementKernel.State> {
  private final int srcBits;
  private final int dstBits;

  /**
   * Over streams.
   *
   * @param workers the threads that share a call
   * @param srcBits of an element of the operand
   * @param dstBits of the result, 0: there is none
   */
  ElementKernel(Workers workers, int srcBits, int dstBits) {
    super(workers);
    this.srcBits = srcBits;
    this.dstBits = dstBits;
  }

  @Override
  protected Call newCall() {
    return new Call();
  }

  @Override
  protected State newState() {
    return new State();
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
   * @param src the operand
   * @param dst the result
   * @param axis for {@link Call#axis}
   * @param inner for {@link Call#inner}
   * @param count elements
   */
  final void stream(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
    Call call = begin();
    call.axis = axis;
    call.inner = inner;
    run(call, src, dst, 0, count, Cutting.GRAIN);
  }

  /**
   * Works on rows.
   *
   * @param src the operand
   * @param dst the result, or null
   * @param first the first element in both
   * @param count elements
   * @param rows what the rows bring, or get
   * @param grain whatever is done at a time begins at a multiple of so many elements
   */
  final void stream(MemorySegment src, MemorySegment dst, long first, long count, RowParameters rows,
      long grain) {
    Call call = begin();
    call.rows = rows;
    run(call, src, dst, first, count, grain);
  }

  private void run(Call call, MemorySegment src, MemorySegment dst, long first, long count, long grain) {
    try {
      call.set(src, dst, first, count);
      call.piece = (int) Math.max(grain, Elements.PIECE / grain * grain);
      call.perTile = Cutting.STREAM.elements(count, count / Form.ELEMENTS_PER_NANO, threads(call), grain);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected final void tile(Call call, State state, int number) {
    boolean copied = state.loops.nativeOnly() && call.hasHeap();
    int most = copied ? call.piece : Math.max(call.piece, (1 << 30) / call.piece * call.piece);
    Span span = state.span;
    long at = call.firstOf(number);
    long end = at + call.countOf(number);
    for (; at < end; at += most) {
      span.count = (int) Math.min(most, end - at);
      span.left = call.src.segment;
      span.leftAt = call.src.first + bytes(call.first + at, srcBits);
      span.dst = call.dst.segment;
      span.dstAt = call.dst.first + bytes(call.first + at, dstBits);
      if (copied) {
        copied(call, state, at);
      } else {
        work(state, call, at);
      }
    }
  }

  /** Both copied, even if one is native: in place they must stay the same memory. */
  private void copied(Call call, State state, long first) {
    Span span = state.span;
    long srcBytes = bytes(span.count, srcBits);
    long dstBytes = bytes(span.count, dstBits);
    MemorySegment memory = state.scratch.of(srcBytes + dstBytes);
    MemorySegment dst = span.dst;
    long dstAt = span.dstAt;
    MemorySegment.copy(span.left, span.leftAt, memory, 0, srcBytes);
    span.left = memory;
    span.leftAt = 0;
    span.dst = memory;
    span.dstAt = srcBytes;
    work(state, call, first);
    if (dst != null) {
      MemorySegment.copy(memory, srcBytes, dst, dstAt, dstBytes);
    }
  }

  private static long bytes(long elements, int bits) {
    return (elements * bits + 7) / 8;
  }

  /** A running call. */
  static final class Call extends StreamCall {
    /** What the rows bring, or get; null where there are none. */
    RowParameters rows;
    private int piece;

    @Override
    protected void clear() {
      super.clear();
      rows = null;
    }
  }

  /** What a running tile has for itself. */
  static final class State extends StatePool.State {
    /** The loops of the running tile. */
    final Elements loops = new Elements();
    /** The elements to do. */
    final Span span = new Span();
    /** Scales and zero points of some elements. */
    final float[] scales = new float[ElementLoops.TABLE];
    final int[] zeroPoints = new int[ElementLoops.TABLE];
    private final AutoMemory elements = new AutoMemory();
    private final AutoMemory scratch = new AutoMemory();

    /** Native memory for some elements as bytes. */
    MemorySegment asBytes() {
      return elements.of(ElementLoops.TABLE);
    }

    @Override
    protected void clear() {
      span.clear();
    }
  }
}

package dev.octet.internal.vector.elements;

import dev.octet.DataType;
import dev.octet.engine.BinaryKernel;
import dev.octet.engine.BinaryLaw;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.PairLayout;
import dev.octet.internal.call.AutoMemory;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.PairBlock;
import dev.octet.internal.call.PairCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * A binary op in Java, row by row. An operand that has one element for a row is repeated in memory of the
 * tile, as far as loops read it.
 */
public final class VectorBinary extends TiledKernel<PairCall, VectorBinary.State> implements BinaryKernel {
  /** To begin a row of its own, in nanoseconds. */
  private static final double ROW = 15;
  /** Elements of a span, which counts by an int. */
  private static final long MOST = 1 << 30;

  private final BinaryLaw law;
  private final DataType type;

  public VectorBinary(Workers workers, BinarySpec spec) {
    super(workers);
    this.law = spec.law();
    this.type = spec.type();
  }

  @Override
  public String name() {
    return Form.name(law.op().name().toLowerCase(Locale.ROOT) + "_", type);
  }

  @Override
  protected PairCall newCall() {
    return new PairCall();
  }

  @Override
  protected State newState() {
    return new State();
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, long count) {
    if (count == 0) {
      return;
    }
    PairCall call = begin();
    try {
      call.set(left, right, dst, count);
      run(call, count, count / Form.ELEMENTS_PER_NANO);
    } finally {
      end(call);
    }
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, PairLayout layout) {
    long rows = layout.parts() * layout.rows();
    long count = rows * layout.columns();
    PairCall call = begin();
    try {
      call.set(left, right, dst, layout);
      run(call, count, count / Form.ELEMENTS_PER_NANO + rows * ROW);
    } finally {
      end(call);
    }
  }

  private void run(PairCall call, long count, double nanos) {
    long perTile = Cutting.STREAM.elements(count, nanos, threads(call), Cutting.GRAIN);
    call.cut(Math.min(perTile, call.hasHeap() && Form.isSimd() ? Elements.PIECE : MOST));
    run(call, call.tiles());
  }

  @Override
  protected void tile(PairCall call, State state, int number) {
    PairBlock block = state.block;
    boolean copied = state.loops.nativeOnly() && call.hasHeap();
    for (block.begin(call, number); block.next();) {
      if (copied) {
        copied(call, state);
      } else {
        state.left.at(call.left, block.left);
        state.right.at(call.right, block.right);
        state.dst.at(call.dst, block.dst);
        rows(call, state);
      }
    }
  }

  /** All operands copied, even if some are native: in place they must stay the same memory. */
  private void copied(PairCall call, State state) {
    PairBlock block = state.block;
    long leftBytes = call.leftElements(block);
    long rightBytes = call.rightElements(block);
    long dstBytes = block.rows * block.columns;
    MemorySegment memory = state.scratch.of(leftBytes + rightBytes + dstBytes);
    copy(call.left, block.left, memory, 0, leftBytes);
    copy(call.right, block.right, memory, leftBytes, rightBytes);
    state.left.at(memory, 0);
    state.right.at(memory, leftBytes);
    state.dst.at(memory, leftBytes + rightBytes);
    rows(call, state);
    MemorySegment.copy(memory, leftBytes + rightBytes, call.dst.segment, call.dst.first + block.dst,
        dstBytes);
  }

  private static void copy(Operand from, long at, MemorySegment memory, long to, long bytes) {
    MemorySegment.copy(from.segment, from.first + at, memory, to, bytes);
  }

  private void rows(PairCall call, State state) {
    PairBlock block = state.block;
    Span span = state.span;
    span.count = (int) block.columns;
    span.leftStep = call.leftStep;
    span.rightStep = call.rightStep;
    span.dst = state.dst.segment;
    for (long row = 0; row < block.rows; row++) {
      long leftAt = state.left.first + row * call.leftRow;
      if (call.leftStep == 0) {
        span.left = state.repeated(state.left.segment, leftAt, 0, span.count);
        span.leftAt = 0;
      } else {
        span.left = state.left.segment;
        span.leftAt = leftAt;
      }
      long rightAt = state.right.first + row * call.rightRow;
      if (call.rightStep == 0) {
        span.right = state.repeated(state.right.segment, rightAt, ElementLoops.TABLE, span.count);
        span.rightAt = ElementLoops.TABLE;
      } else {
        span.right = state.right.segment;
        span.rightAt = rightAt;
      }
      span.dstAt = state.dst.first + row * block.columns;
      state.loops.now().binary(span, type == DataType.U8, law);
    }
  }

  /** Where a block begins. */
  private static final class Place {
    private MemorySegment segment;
    private long first;

    void at(Operand operand, long element) {
      at(operand.segment, operand.first + element);
    }

    void at(MemorySegment memory, long offset) {
      segment = memory;
      first = offset;
    }
  }

  /** What a running tile has for itself. */
  static final class State extends StatePool.State {
    private final Elements loops = new Elements();
    private final Span span = new Span();
    private final PairBlock block = new PairBlock();
    private final Place left = new Place();
    private final Place right = new Place();
    private final Place dst = new Place();
    private final AutoMemory scratch = new AutoMemory();
    private final AutoMemory repeated = new AutoMemory();

    /** A byte as often as loops over so many elements read it, from an offset of the result on. */
    MemorySegment repeated(MemorySegment from, long at, long offset, int count) {
      MemorySegment memory = repeated.of(2L * ElementLoops.TABLE);
      long eight = (from.get(ValueLayout.JAVA_BYTE, at) & 0xffL) * 0x0101010101010101L;
      for (int i = 0; i < Math.min(count, ElementLoops.TABLE); i += Long.BYTES) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset + i, eight);
      }
      return memory;
    }

    @Override
    protected void clear() {
      span.clear();
      block.clear();
      left.at((MemorySegment) null, 0);
      right.at((MemorySegment) null, 0);
      dst.at((MemorySegment) null, 0);
    }
  }
}

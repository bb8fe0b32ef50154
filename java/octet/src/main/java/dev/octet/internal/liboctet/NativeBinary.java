package dev.octet.internal.liboctet;

import dev.octet.BinaryOp;
import dev.octet.Isa;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BinaryKernel;
import dev.octet.engine.BinaryLaw;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.PairLayout;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.PairBlock;
import dev.octet.internal.call.PairCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * A binary op in C. A call that is over within microseconds is one downcall that takes heap memory too; a
 * longer one on one thread is one downcall over native memory; what several threads share, what lies in heap
 * arrays, or has several parts, goes tile by tile.
 */
final class NativeBinary extends TiledKernel<PairCall, NativeBinary.Tile> implements BinaryKernel {
  /** To begin a row of its own, in nanoseconds. */
  private static final double ROW = 6;

  private final NativeMemory memory;
  private final long plan;
  private final String name;
  private final double elementsPerNano;
  private final long quickCount;

  NativeBinary(BackendContext context, BinarySpec spec) {
    super(context.workers());
    BinaryLaw law = spec.law();
    int kernel = BinaryFunctions.kernel(Names.tier(context.isa()), law.op(), Names.type(spec.type()));
    this.name = Names.of(kernel);
    this.elementsPerNano = rate(context.isa(), kernel, law.op());
    this.quickCount = (long) (Cutting.QUICK_NANOS * elementsPerNano);
    PlanWriter writer = new PlanWriter(BinaryFunctions.PLAN);
    writer.number("left_factor", law.leftFactor());
    writer.number("right_factor", law.rightFactor());
    writer.number("fixed", law.fixed());
    writer.number("divisor", law.divisor());
    writer.number("left_zero_point", law.leftZeroPoint());
    writer.number("right_zero_point", law.rightZeroPoint());
    writer.number("zero_point", law.zeroPoint());
    writer.number("low", law.lo());
    writer.number("high", law.hi());
    writer.number("kernel", kernel);
    this.memory = writer.write();
    this.plan = memory.address();
  }

  /** Elements in a nanosecond, about; within a factor of two is near enough for cutting a call. */
  private static double rate(Isa isa, int kernel, BinaryOp op) {
    if (Names.isPortable(kernel)) {
      // Without the instruction a fused multiply-add takes some twenty operations.
      return 0.3;
    }
    return switch (op) {
      case ADD, SUBTRACT, MULTIPLY -> StreamKernel.rate(isa);
      case DIVIDE -> 2;
      case MAXIMUM, MINIMUM -> 4;
    };
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return memory.bytes();
  }

  @Override
  protected PairCall newCall() {
    return new PairCall();
  }

  @Override
  protected Tile newState() {
    return new Tile();
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, long count) {
    if (count == 0) {
      return;
    }
    if (count <= quickCount) {
      BinaryFunctions.quick(plan, left, right, dst, count);
      return;
    }
    boolean copied = !(left.isNative() && right.isNative() && dst.isNative());
    long perTile = perTile(count, count / elementsPerNano, copied);
    if (perTile >= count && !copied) {
      BinaryFunctions.whole(plan, left, right, dst, count);
      return;
    }
    PairCall call = begin();
    try {
      call.set(left, right, dst, count);
      call.cut(perTile);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, PairLayout layout) {
    long rows = layout.parts() * layout.rows();
    long count = rows * layout.columns();
    double nanos = count / elementsPerNano + rows * ROW;
    if (layout.parts() == 1 && nanos <= Cutting.QUICK_NANOS) {
      BinaryFunctions.quick(plan, left, right, dst, layout);
      return;
    }
    PairCall call = begin();
    try {
      call.set(left, right, dst, layout);
      call.cut(perTile(count, nanos, call.hasHeap()));
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  private long perTile(long count, double nanos, boolean copied) {
    long elements = Cutting.STREAM.elements(count, nanos, threads(), Cutting.GRAIN);
    return copied ? Math.min(elements, Cutting.COPIED_BYTES / 3 / Cutting.GRAIN * Cutting.GRAIN) : elements;
  }

  @Override
  protected void tile(PairCall call, Tile tile, int number) {
    PairBlock block = tile.block;
    for (block.begin(call, number); block.next();) {
      long leftBytes = call.leftElements(block);
      long rightBytes = call.rightElements(block);
      long dstBytes = block.rows * block.columns;
      Copies copies = tile.copies;
      copies.begin(call, leftBytes + rightBytes + dstBytes);
      long left = copies.in(call.left, block.left, leftBytes);
      long right = copies.in(call.right, block.right, rightBytes);
      long dst = copies.out(call.dst, block.dst, dstBytes);
      BinaryFunctions.block(plan, call, block, left, right, dst);
      copies.back(dst, call.dst, block.dst, dstBytes);
    }
  }

  @Override
  public void close() {
    super.close();
    memory.close();
  }

  /** What a running tile has for itself. */
  static final class Tile extends StatePool.State {
    private final PairBlock block = new PairBlock();
    private final Copies copies = new Copies();

    @Override
    protected void clear() {
      block.clear();
    }

    @Override
    public void close() {
      copies.close();
    }
  }
}

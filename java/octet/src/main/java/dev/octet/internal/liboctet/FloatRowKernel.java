package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.engine.FloatMatMulKernel;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.function.IntToLongFunction;

/** Float rows times packed weights, float out: what the three products of this kind have in common. */
abstract class FloatRowKernel extends RowKernel implements FloatMatMulKernel {
  /** Their C functions over segments: plan, source, result, tile, scratch. */
  static final FunctionDescriptor FLOAT_SEGMENTS = FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_LONG,
      ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  /** The same over addresses, and the segments that are kept alive; see {@link RowKernel#ADDRESSES}. */
  static final FunctionDescriptor FLOAT_ADDRESSES = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG,
      JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);

  /** The address of the plan, the struct that the C function takes. */
  final long product;
  /** Columns. */
  final int n;

  private final NativePack weights;
  private final NativeMemory plan;
  private final String name;

  /** Takes charge of a plan and of packed weights that are held for it. */
  FloatRowKernel(Workers workers, TileGrid.Cost cost, NativePack weights, NativeMemory plan, String name,
      IntToLongFunction scratchBytes) {
    super(workers, cost, Float.BYTES, Float.BYTES, scratchBytes);
    this.product = plan.address();
    this.n = cost.n();
    this.weights = weights;
    this.plan = plan;
    this.name = name;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final long packedBytes() {
    return weights.bytes() + plan.bytes();
  }

  @Override
  public final long scratchBytes(long rows) {
    return scratchOf(rows);
  }

  @Override
  public final void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    multiply(src, srcStride, null, null, dst, dstStride, rows);
  }

  @Override
  public final void close() {
    super.close();
    plan.close();
    weights.release();
  }
}

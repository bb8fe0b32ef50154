package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BackendContext;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * 8-bit rows times fixed 8-bit weights. Signed rows are multiplied as unsigned ones with 128 added, which is
 * in the tables that are made here.
 */
final class NativeMatMul extends RowKernel implements MatMulKernel {
  private final PackedMatrix weights;
  private final NativeMemory plan;
  private final long product;
  private final int n;
  private final String name;

  private NativeMatMul(Workers workers, ProductCost cost, int dstBytes, PackedMatrix weights,
      NativeMemory plan, String name) {
    super(workers, cost, 1, dstBytes, rows -> MatMulFunctions.scratchBytes(plan.address(), rows));
    this.weights = weights;
    this.plan = plan;
    this.product = plan.address();
    this.n = cost.n();
    this.name = name;
  }

  static NativeMatMul prepare(BackendContext context, MatMulSpec spec) {
    int kernel = MatMulFunctions.kernel(Names.tier(context.isa()), Names.type(spec.input().type()),
        Names.type(spec.output().type()));
    PackedMatrix weights = PackedMatrix.of(spec.weights(), context.isa());
    NativeMemory plan = null;
    try {
      plan = plan(MatMulFunctions.PRODUCT, spec, weights, kernel).write();
      return new NativeMatMul(context.workers(),
          ProductCost.ofDots(spec.weights().k(), spec.weights().n(), 8, context.isa()),
          spec.output().type().bits() / 8, weights, plan, Names.of(kernel));
    } catch (RuntimeException | Error e) {
      weights.release();
      if (plan != null) {
        plan.close();
      }
      throw e;
    }
  }

  /** The fields of struct octet_matmul, in a struct that begins with them. */
  static PlanWriter plan(MemoryLayout struct, MatMulSpec spec, PackedMatrix weights, int kernel) {
    ActivationSpec input = spec.input();
    OutputSpec output = spec.output();
    int n = spec.weights().n();
    int zeroPoint = input.zeroPoint() + (input.type() == DataType.S8 ? 128 : 0);
    int[] zeroPoints = PackedMatrix.zeroPoints(spec.weights());
    int[] centredSums = weights.centredSums(spec.weights().k(), zeroPoints, n);
    int[] offsets = new int[n];
    float[] multipliers = new float[n];
    for (int c = 0; c < n; c++) {
      int bias = spec.bias() == null ? 0 : spec.bias()[c];
      offsets[c] = input.atRun() ? bias : bias - zeroPoint * centredSums[c];
      multipliers[c] = Numbers.multiplier(input, spec.weights().scale(0, c), output);
    }
    PlanWriter plan = new PlanWriter(struct);
    plan.address("weights", weights.address());
    plan.table("offsets", offsets);
    plan.table("zero_point_factors", input.atRun() ? centredSums : null);
    plan.table("weight_zero_points", zeroPoints);
    plan.table("multipliers", output.type() == DataType.S32 ? null : multipliers);
    plan.table("bias", spec.floatBias());
    plan.number("kernel", kernel);
    plan.number("k", spec.weights().k());
    plan.number("n", n);
    plan.output(output);
    return plan;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return weights.bytes() + plan.bytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return scratchOf(rows);
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    multiply(src, srcStride, rowScales, rowZeroPoints, dst, dstStride, rows);
  }

  @Override
  void quick(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    MatMulFunctions.quick(product, src, srcStride, rowScales, rowZeroPoints, dst, dstStride, rows, n);
  }

  @Override
  void whole(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows, long scratch) {
    MatMulFunctions.whole(product, src, srcStride, rowScales, rowZeroPoints, dst, dstStride, rows, n,
        scratch);
  }

  @Override
  void tile(Tile tile) {
    MatMulFunctions.tile(product, tile);
  }

  @Override
  public void close() {
    super.close();
    plan.close();
    weights.release();
  }
}

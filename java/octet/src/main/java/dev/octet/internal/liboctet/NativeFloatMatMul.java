package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Float rows times packed weights, float out: dynamicMatMul with a scale a column or in groups, and
 * weightOnlyMatMul. Their C functions have one type: with a scratch that weightOnlyMatMul does not read.
 */
final class NativeFloatMatMul extends RowKernel implements FloatMatMulKernel {
  /** struct octet_dynamic_matmul: struct octet_matmul and the kernels that quantize rows. */
  private static final MemoryLayout DYNAMIC = MemoryLayout.structLayout(
      Stream.concat(MatMulFunctions.PRODUCT.memberLayouts().stream(),
          Stream.of(JAVA_INT.withName("kernel_of_range"), JAVA_INT.withName("kernel_of_quantize")))
          .toArray(MemoryLayout[]::new));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();
  private static final MemorySegment DYNAMIC_RUN = LIBRARY.address("octet_dynamic_matmul_run");
  private static final MemorySegment GROUPS_RUN = LIBRARY.address("octet_dynamic_group_matmul_run");
  private static final MemorySegment BLOCKS_RUN = LIBRARY.address("octet_block_matmul_run");
  private static final MemorySegment WEIGHT_ONLY_RUN = LIBRARY.address("octet_weight_only_matmul_run");
  private static final MemorySegment BLOCKS_WEIGHT_ONLY_RUN = LIBRARY
      .address("octet_block_weight_only_matmul_run");

  /** Over segments: plan, source, result, tile, scratch. */
  private static final FunctionDescriptor OVER_SEGMENTS = FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS,
      JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  /** Over addresses, and the segments that are kept alive; see {@link RowKernel#ADDRESSES}. */
  private static final FunctionDescriptor OVER_ADDRESSES = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG,
      JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle QUICK = NativeLibrary.leavesOverHeap(OVER_SEGMENTS);
  private static final MethodHandle WHOLE = NativeLibrary.functions(OVER_SEGMENTS);
  private static final MethodHandle TILE = NativeLibrary.functions(OVER_ADDRESSES);

  /** Scratch of a call with so many rows, by the address of its plan. */
  private static final MethodHandle SCRATCH = NativeLibrary
      .leaves(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MemorySegment DYNAMIC_SCRATCH = LIBRARY.address("octet_dynamic_matmul_scratch_bytes");
  private static final MemorySegment GROUPS_SCRATCH = LIBRARY
      .address("octet_dynamic_group_matmul_scratch_bytes");
  private static final MemorySegment BLOCKS_SCRATCH = LIBRARY.address("octet_block_matmul_scratch_bytes");

  private final MemorySegment function;
  private final List<? extends NativePack> weights;
  private final NativeMemory plan;
  private final long product;
  private final int n;
  private final String name;

  /** Takes charge of a plan and of packed weights that are held for it. */
  private NativeFloatMatMul(BackendContext context, ProductCost cost, int[] columns, MemorySegment function,
      List<? extends NativePack> weights, NativeMemory plan, String name, MemorySegment scratch) {
    super(context.workers(), cost, columns, Float.BYTES, Float.BYTES,
        rows -> scratchBytes(scratch, plan.address(), rows));
    this.function = function;
    this.weights = weights;
    this.plan = plan;
    this.product = plan.address();
    this.n = cost.n();
    this.name = name;
  }

  /** Rows are quantized on the fly. */
  static NativeFloatMatMul dynamic(BackendContext context, FloatMatMulSpec spec) {
    return spec.weights().quantization().granularity() == Granularity.PER_GROUP
        ? dynamicGroups(context, spec)
        : dynamicColumns(context, spec);
  }

  private static NativeFloatMatMul dynamicColumns(BackendContext context, FloatMatMulSpec spec) {
    int tier = Names.tier(context.isa());
    int kernel = MatMulFunctions.kernel(tier, Names.type(DataType.U8), Names.type(DataType.F32));
    PackedMatrix packed = PackedMatrix.of(spec.weights(), context.isa());
    return prepared(context, dots(context, spec.weights()), DYNAMIC_RUN, packed, () -> {
      PlanWriter plan = NativeMatMul.plan(DYNAMIC, spec.product(), packed, kernel);
      plan.number("kernel_of_range", ElementFunctions.rangeKernel(tier));
      plan.number("kernel_of_quantize",
          ElementFunctions.quantizeKernel(tier, Names.type(DataType.U8), false));
      return plan;
    }, Names.of(kernel).replace("native:", "native:quantize+"), DYNAMIC_SCRATCH);
  }

  private static NativeFloatMatMul dynamicGroups(BackendContext context, FloatMatMulSpec spec) {
    int kernel = GroupFunctions.dynamicKernel(Names.tier(context.isa()), Names.type(spec.weights().type()));
    PackedGroups packed = PackedGroups.of(spec.weights(), context.isa());
    return prepared(context, dots(context, spec.weights()), GROUPS_RUN, packed,
        () -> packed.plan(spec, context.isa(), kernel), Names.of(kernel), GROUPS_SCRATCH);
  }

  /** Rows are quantized on the fly, weights are in block formats. */
  static NativeFloatMatMul blocks(BackendContext context, BlockMatMulSpec spec) {
    // One kernel takes all formats.
    int kernel = GroupFunctions.blockKernel(Names.tier(context.isa()),
        spec.weights().getFirst().format().id());
    return blocks(context, spec, kernel, ProductCost.dotsPerNano(context.isa()), BLOCKS_RUN, BLOCKS_SCRATCH);
  }

  /** Weights in a block format become floats. */
  static NativeFloatMatMul blockWeightOnly(BackendContext context, BlockMatMulSpec spec) {
    int kernel = GroupFunctions.blockWeightOnlyKernel(Names.tier(context.isa()),
        spec.weights().getFirst().format().id());
    return blocks(context, spec, kernel, floatsPerNano(context.isa()), BLOCKS_WEIGHT_ONLY_RUN,
        MemorySegment.NULL);
  }

  private static NativeFloatMatMul blocks(BackendContext context, BlockMatMulSpec spec, int kernel,
      double macsPerNano, MemorySegment function, MemorySegment scratch) {
    List<PackedBlocks> packed = PackedBlocks.of(spec.weights(), context.isa());
    double bits = spec.weights().stream().mapToDouble(part -> part.format().bitsPerWeight() * part.n()).sum()
        / spec.n();
    // Portable C takes weights out of blocks one by one: 0.23 (Q5_1) to 0.67 (Q8_0) a nanosecond on Zen 4.
    ProductCost cost = new ProductCost(spec.k(), spec.n(), (int) Math.ceil(bits),
        Names.isPortable(kernel) ? 0.4 : macsPerNano);
    return prepared(context, cost, spec.weights().stream().mapToInt(BlockWeights::n).toArray(), function,
        packed, () -> PackedBlocks.plan(packed, spec, context.isa(), kernel),
        Names.of(kernel).replace("blocks", spec.formats()), scratch);
  }

  /** Products of floats that a tier makes a nanosecond. */
  private static double floatsPerNano(Isa isa) {
    return switch (isa) {
      case BASELINE, NEON, DOTPROD, I8MM -> 1;
      case AVX2, AVXVNNI, AVX512 -> 45;
      case AVX512VNNI -> 90;
    };
  }

  /** Weights become floats. */
  static NativeFloatMatMul weightOnly(BackendContext context, FloatMatMulSpec spec) {
    MatrixWeights weights = spec.weights();
    int kernel = GroupFunctions.weightOnlyKernel(Names.tier(context.isa()), Names.type(weights.type()));
    PackedGroups packed = PackedGroups.of(weights, context.isa());
    ProductCost cost = new ProductCost(weights.k(), weights.n(), weights.type().bits(),
        floatsPerNano(context.isa()));
    return prepared(context, cost, WEIGHT_ONLY_RUN, packed, () -> packed.plan(spec, context.isa(), kernel),
        Names.of(kernel), MemorySegment.NULL);
  }

  private static ProductCost dots(BackendContext context, MatrixWeights weights) {
    return ProductCost.ofDots(weights.k(), weights.n(), weights.type().bits(), context.isa());
  }

  private static NativeFloatMatMul prepared(BackendContext context, ProductCost cost,
      MemorySegment function, NativePack weights, Supplier<PlanWriter> plan, String name,
      MemorySegment scratch) {
    return prepared(context, cost, new int[]{cost.n()}, function, List.of(weights), plan, name, scratch);
  }

  private static NativeFloatMatMul prepared(BackendContext context, ProductCost cost, int[] columns,
      MemorySegment function, List<? extends NativePack> weights, Supplier<PlanWriter> plan, String name,
      MemorySegment scratch) {
    NativeMemory written = null;
    try {
      written = plan.get().write();
      return new NativeFloatMatMul(context, cost, columns, function, weights, written, name, scratch);
    } catch (RuntimeException | Error e) {
      weights.forEach(NativePack::release);
      if (written != null) {
        written.close();
      }
      throw e;
    }
  }

  /** What a function says, or nothing where there is none. */
  private static long scratchBytes(MemorySegment function, long plan, int rows) {
    if (function.equals(MemorySegment.NULL)) {
      return 0;
    }
    try {
      return (long) SCRATCH.invokeExact(function, plan, rows);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return weights.stream().mapToLong(NativePack::bytes).sum() + plan.bytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return scratchOf(rows);
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    multiply(src, srcStride, null, null, dst, dstStride, rows);
  }

  @Override
  void quick(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    try {
      QUICK.invokeExact(function, product, src, srcStride, dst, dstStride, rows, 0, n, 0L);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  @Override
  void whole(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows, long scratch) {
    try {
      WHOLE.invokeExact(function, product, src, srcStride, dst, dstStride, rows, 0, n, scratch);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  @Override
  void tile(Tile tile) {
    try {
      TILE.invokeExact(function, product, tile.src, tile.srcStride, tile.dst, tile.dstStride, tile.rows,
          tile.firstColumn, tile.columns, tile.scratch, tile.keepSrc, tile.keepDst);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  @Override
  public void close() {
    super.close();
    plan.close();
    weights.forEach(NativePack::release);
  }
}

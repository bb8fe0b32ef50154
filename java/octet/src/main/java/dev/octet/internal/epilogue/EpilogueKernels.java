package dev.octet.internal.epilogue;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.LibraryUnavailableException;
import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * The epilogue as liboctet does it, for one running tile: struct octet_epilogue and the tables of the columns
 * that are being worked on, copied from the op's arrays when those columns change. So an op's tables are
 * arrays whoever works with them, and only what a tile borrows from its pool is to be freed.
 */
final class EpilogueKernels implements Resource {
  /** struct octet_epilogue. */
  private static final StructLayout PLAN = MemoryLayout.structLayout(ADDRESS.withName("offsets"),
      ADDRESS.withName("zero_point_factors"), ADDRESS.withName("weight_zero_points"),
      ADDRESS.withName("multipliers"), ADDRESS.withName("bias"), JAVA_INT.withName("kernel"),
      JAVA_INT.withName("zero_point"), JAVA_FLOAT.withName("low"), JAVA_FLOAT.withName("high"));
  private static final long OFFSETS = offset("offsets");
  private static final long ZERO_POINT_FACTORS = offset("zero_point_factors");
  private static final long WEIGHT_ZERO_POINTS = offset("weight_zero_points");
  private static final long MULTIPLIERS = offset("multipliers");
  private static final long BIAS = offset("bias");
  private static final long KERNEL = offset("kernel");
  private static final long ZERO_POINT = offset("zero_point");
  private static final long LOW = offset("low");
  private static final long HIGH = offset("high");
  private static final int TABLES = 5;
  /** Where the first table begins: a cache line of its own. */
  private static final long FIRST_TABLE = 64;
  private static final long TABLE_BYTES = 4L * Staging.CHUNK;
  /** A call is over within some microseconds: the garbage collector may have to wait for it. */
  private static final int ELEMENTS_PER_CALL = 32 << 10;

  /** Bound when the first staging asks for kernels. */
  private static final class Functions {
    private static final MethodHandle KERNEL = Liboctet.get().library().leaf("octet_epilogue_kernel",
        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    /**
     * With a pointer more than the C function has: the output, whose scope the linker holds for the length of
     * the call. It is the caller's, and another thread may close its arena; all other operands are ours.
     */
    private static final MethodHandle RUN = Liboctet.get().library().leaf("octet_epilogue_run",
        FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
            JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS));
  }

  private final int toS32;
  private final int toF32;
  private final int toU8;
  private final int toS8;
  private final NativeMemory memory = NativeMemory.allocate(FIRST_TABLE + TABLES * TABLE_BYTES);
  private final MemorySegment plan = memory.segment();

  private Tables owner;
  private int ownerVersion;
  private int first;
  private int count;

  private EpilogueKernels(int tier) {
    this.toS32 = kernel(tier, DataType.S32);
    this.toF32 = kernel(tier, DataType.F32);
    this.toU8 = kernel(tier, DataType.U8);
    this.toS8 = kernel(tier, DataType.S8);
  }

  /** Those of a tier, or null where there is no liboctet. */
  static EpilogueKernels of(Isa isa) {
    try {
      Liboctet.get();
    } catch (LibraryUnavailableException e) {
      return null; // whoever asked for the engine of liboctet was told why; here loops do the same
    }
    return new EpilogueKernels(Liboctet.tier(isa.name()));
  }

  /** Whether the operands can be handed over: a heap array cannot without an object for each slice of it. */
  static boolean takes(Staging tile) {
    return tile.planes == 1 && tile.accumulators.isNative() && tile.output.isNative()
        && isNative(tile.rowScales) && isNative(tile.rowZeroPoints) && isNative(tile.rowSums);
  }

  private static boolean isNative(MemorySegment table) {
    return table == null || table.isNative();
  }

  /**
   * Of a tile that {@link #takes} has let pass; whoever described it keeps its memory alive, except the
   * output.
   *
   * @throws IllegalStateException if the arena of the output is closed
   */
  void apply(TileEpilogue epilogue, Staging tile, int rows, int c0, int c1) {
    Tables columns = epilogue.columns();
    int element = epilogue.output().type().bits() / 8;
    for (int c = c0; c < c1; c += Staging.CHUNK) {
      int width = Math.min(Staging.CHUNK, c1 - c);
      hold(epilogue.output(), columns, c, width);
      int together = Math.max(1, ELEMENTS_PER_CALL / width);
      for (int row = 0; row < rows; row += together) {
        int some = Math.min(together, rows - row);
        long from = tile.accumulatorOffset + row * tile.accumulatorStride + (c - c0);
        long to = tile.outputOffset + row * tile.outputStride + (c - c0);
        long firstRow = tile.firstRow + row;
        run(memory.address(),
            address(tile.accumulators, 4 * from, 4 * ((some - 1) * tile.accumulatorStride + width)),
            tile.accumulatorStride, rowTable(epilogue.atRun() ? tile.rowScales : null, firstRow, some),
            rowTable(columns.centredSums == null ? null : tile.rowZeroPoints, firstRow, some),
            rowTable(columns.weightZeroPoints == null ? null : tile.rowSums, firstRow, some),
            address(tile.output, element * to, element * ((some - 1) * tile.outputStride + width)),
            tile.outputStride, some, width, tile.output);
      }
    }
  }

  /** Checked here, because nobody does behind the downcall. */
  private static long address(MemorySegment segment, long from, long bytes) {
    Objects.checkFromIndexSize(from, bytes, segment.byteSize());
    return segment.address() + from;
  }

  private static long rowTable(MemorySegment table, long first, int rows) {
    return table == null ? 0 : address(table, 4 * first, 4L * rows);
  }

  private static void run(long plan, long sums, long sumsStride, long rowScales, long rowZeroPoints,
      long rowSums, long dst, long dstStride, int rows, int columns, MemorySegment keep) {
    try {
      Functions.RUN.invokeExact(plan, sums, sumsStride, rowScales, rowZeroPoints, rowSums, dst, dstStride,
          rows, columns, keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** Fills in the plan for some columns, unless it is theirs already. */
  @SuppressWarnings("ReferenceEquality") // the very tables, not equal ones
  private void hold(OutputSpec output, Tables columns, int c, int width) {
    if (owner == columns && ownerVersion == columns.version() && first == c && count == width) {
      return;
    }
    owner = columns;
    ownerVersion = columns.version();
    first = c;
    count = width;
    table(OFFSETS, 0, columns.terms);
    table(ZERO_POINT_FACTORS, 1, columns.centredSums);
    table(WEIGHT_ZERO_POINTS, 2, columns.weightZeroPoints);
    table(MULTIPLIERS, 3, columns.multipliers);
    table(BIAS, 4, columns.floatBias);
    boolean real = output.type() == DataType.F32;
    plan.set(JAVA_INT, KERNEL, kernel(output.type()));
    plan.set(JAVA_INT, ZERO_POINT, output.zeroPoint());
    plan.set(JAVA_FLOAT, LOW, real ? output.min() : (float) (output.lo() - output.zeroPoint()));
    plan.set(JAVA_FLOAT, HIGH, real ? output.max() : (float) (output.hi() - output.zeroPoint()));
  }

  private void table(long field, int index, int[] content) {
    long at = FIRST_TABLE + index * TABLE_BYTES;
    plan.set(JAVA_LONG, field, content == null ? 0 : memory.address() + at);
    if (content != null) {
      MemorySegment.copy(content, first, plan, JAVA_INT, at, count);
    }
  }

  private void table(long field, int index, float[] content) {
    long at = FIRST_TABLE + index * TABLE_BYTES;
    plan.set(JAVA_LONG, field, content == null ? 0 : memory.address() + at);
    if (content != null) {
      MemorySegment.copy(content, first, plan, JAVA_FLOAT, at, count);
    }
  }

  private int kernel(DataType type) {
    return switch (type) {
      case S32 -> toS32;
      case F32 -> toF32;
      case U8 -> toU8;
      case S8 -> toS8;
      default -> throw new AssertionError(type);
    };
  }

  private static int kernel(int tier, DataType type) {
    int kernel = NativeLibrary
        .intOf(() -> (int) Functions.KERNEL.invokeExact(tier, Liboctet.type(type.name())));
    if (kernel < 0) {
      throw new AssertionError("liboctet has no epilogue to " + type + " for tier " + tier);
    }
    return kernel;
  }

  private static long offset(String field) {
    return PLAN.byteOffset(PathElement.groupElement(field));
  }

  static long bytes() {
    return FIRST_TABLE + TABLES * TABLE_BYTES;
  }

  @Override
  public void close() {
    memory.close();
  }
}

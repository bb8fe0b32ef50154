package dev.octet.internal.epilogue;

import dev.octet.Isa;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;

/**
 * The tile that an {@link Epilogue} is to work on, and the arrays that it passes through. One running tile
 * uses one; engines keep them in their pools, so that a run allocates nothing. Every operand is described
 * anew before each {@link Epilogue#apply}, except those that stay the same.
 */
public final class Staging implements Resource {
  /**
   * Elements of a staging array: the six arrays of the busiest loop fill three quarters of a 32 KB L1 cache.
   */
  static final int CHUNK = 1024;

  final int[] sums = new int[CHUNK];
  final int[] integers = new int[CHUNK];
  final float[] floats = new float[CHUNK];
  final byte[] bytes = new byte[CHUNK];
  final Tables tables = new Tables();
  /** Or null: loops in Java. */
  final EpilogueKernels kernels;

  MemorySegment accumulators;
  long accumulatorOffset;
  long accumulatorStride;
  int planes = 1;
  long planeDistance;
  MemorySegment rowScales;
  MemorySegment rowZeroPoints;
  MemorySegment rowSums;
  long firstRow;
  MemorySegment output;
  long outputOffset;
  long outputStride;

  /** One whose epilogue runs in Java; nothing to close. */
  public Staging() {
    this.kernels = null;
  }

  /**
   * One whose epilogue runs in liboctet, or in Java where that cannot be loaded.
   *
   * @param isa the highest tier of its kernels
   */
  public Staging(Isa isa) {
    this.kernels = EpilogueKernels.of(isa);
  }

  /** The memory that one staging takes, tables of a panel included. */
  public static long bytes() {
    return CHUNK * (4L + 4 + 4 + 1 + 7 * 4) + EpilogueKernels.bytes();
  }

  /**
   * The accumulators of the tile.
   *
   * @param segment S32
   * @param offset elements before that of the tile's first row and column
   * @param stride elements from one row to the next
   * @return this
   */
  public Staging accumulators(MemorySegment segment, long offset, long stride) {
    this.accumulators = segment;
    this.accumulatorOffset = offset;
    this.accumulatorStride = stride;
    return this;
  }

  /**
   * In how many planes the accumulators lie that are to be added up, where a product was done in parts.
   *
   * @param count how many; 1 unless told otherwise
   * @param distance elements from one plane to the next
   * @return this
   */
  public Staging planes(int count, long distance) {
    this.planes = count;
    this.planeDistance = distance;
    return this;
  }

  /**
   * What the rows bring.
   *
   * @param scales F32 scale of each row, unaligned; null unless the input is per row
   * @param zeroPoints S32 zero point of each row, unaligned; null unless the input is per row, and may be
   *        null then: all 0
   * @param sums S32 sum of each row as it was multiplied, needed where {@link Epilogue#needsRowSums()}
   * @param first the index of the tile's first row in each of them
   * @return this
   */
  public Staging rows(MemorySegment scales, MemorySegment zeroPoints, MemorySegment sums, long first) {
    this.rowScales = scales;
    this.rowZeroPoints = zeroPoints;
    this.rowSums = sums;
    this.firstRow = first;
    return this;
  }

  /**
   * Where the results go.
   *
   * @param segment native or heap, elements of the output type, unaligned
   * @param offset elements before that of the tile's first row and column
   * @param stride elements from one row to the next
   * @return this
   */
  public Staging output(MemorySegment segment, long offset, long stride) {
    this.output = segment;
    this.outputOffset = offset;
    this.outputStride = stride;
    return this;
  }

  /** Lets go of the operands' memory. */
  public void clear() {
    accumulators = null;
    rowScales = null;
    rowZeroPoints = null;
    rowSums = null;
    output = null;
  }

  @Override
  public void close() {
    if (kernels != null) {
      kernels.close();
    }
  }
}

package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8-bit weights of a product as kernels of a tier read them, and behind them the sum of each column, which
 * compensation needs. U8 weights are packed as S8, 128 less; their zero points move along.
 */
final class PackedMatrix extends NativePack {
  private static final int ALIGNMENT = 64;

  private final long sums;

  private PackedMatrix(String layout, MemorySegment content, Runnable free, long sums) {
    super(layout, content, free);
    this.sums = sums;
  }

  /** The layout that kernels of a tier read: columns of a panel, and rows that lie together in a column. */
  static String layout(Isa isa) {
    return "liboctet-matmul-" + Names.panels(MatMulFunctions.layout(Names.tier(isa)));
  }

  /** Packed weights for kernels of a tier: those that are given, held once more, or new ones. */
  static PackedMatrix of(MatrixWeights weights, Isa isa) {
    if (weights.pack() == null) {
      return pack(weights, isa);
    }
    if (weights.pack() instanceof PackedMatrix packed && packed.layout().equals(layout(isa))) {
      packed.retain();
      return packed;
    }
    throw new UnsupportedOperationException("weights: packed as " + weights.pack().layout()
        + ", these kernels read " + layout(isa));
  }

  /**
   * Packs.
   *
   * @param weights S8 or U8, not per group; read now only
   * @param isa the tier of the kernels
   */
  static PackedMatrix pack(MatrixWeights weights, Isa isa) {
    int k = weights.k();
    int n = weights.n();
    int layout = MatMulFunctions.layout(Names.tier(isa));
    long sums = sumsOffset(layout, k, n);
    MemorySegment data = weights.tensor().data();
    NativeMemory memory = NativeMemory.allocate(sums + 4L * n);
    try (NativeMemory copy = data.isNative() ? null : NativeMemory.allocate((long) k * n)) {
      if (copy != null) {
        MemorySegment.copy(data, 0, copy.segment(), 0, (long) k * n);
        data = copy.segment();
      }
      MatMulFunctions.pack(layout, data, Names.type(weights.type()), weights.outIn(), weights.outIn() ? k : n,
          k, 0, n, memory.address(), memory.address() + sums);
      return new PackedMatrix(layout(isa), memory.segment(), memory::close, sums);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** Weights out of a file, see {@link dev.octet.engine.Backend#map}. */
  static PackedMatrix map(Isa isa, int k, int n, MemorySegment content, Runnable free) {
    long sums = sumsOffset(MatMulFunctions.layout(Names.tier(isa)), k, n);
    checkSize(content, sums + 4L * n, k, n);
    return new PackedMatrix(layout(isa), content, free, sums);
  }

  private static long sumsOffset(int layout, int k, int n) {
    return (MatMulFunctions.packedBytes(layout, k, n) + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * The zero points of the packed weights, one a column.
   *
   * @param weights the matrix that was packed
   * @return null where all are 0
   */
  static int[] zeroPoints(MatrixWeights weights) {
    int shift = weights.type() == DataType.U8 ? 128 : 0;
    int[] zeroPoints = new int[weights.n()];
    boolean asymmetric = false;
    for (int column = 0; column < zeroPoints.length; column++) {
      zeroPoints[column] = weights.zeroPoint(0, column) - shift;
      asymmetric |= zeroPoints[column] != 0;
    }
    return asymmetric ? zeroPoints : null;
  }

  /**
   * The sum over k of {@code w - zero point} of each column.
   *
   * @param k the inner size
   * @param zeroPoints as above
   * @param n the number of columns
   */
  int[] centredSums(int k, int[] zeroPoints, int n) {
    int[] centred = new int[n];
    MemorySegment.copy(content(), ValueLayout.JAVA_INT, sums, centred, 0, n);
    for (int column = 0; zeroPoints != null && column < n; column++) {
      centred[column] -= k * zeroPoints[column];
    }
    return centred;
  }
}

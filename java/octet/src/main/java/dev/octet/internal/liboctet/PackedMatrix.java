package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8-bit weights of a product as kernels of a tier read them, and the sums that compensation needs. U8 weights
 * are packed as S8, 128 less, with the zero points moved along.
 */
final class PackedMatrix implements Resource {
  private final NativeMemory memory;
  private final int[] zeroPoints;
  private final int[] centredSums;
  private final boolean asymmetric;

  /**
   * Packs.
   *
   * @param weights S8 or U8, not per group; read now only
   * @param isa the tier of the kernels
   */
  PackedMatrix(MatrixWeights weights, Isa isa) {
    int k = weights.k();
    int n = weights.n();
    int layout = MatMulFunctions.layout(Names.tier(isa));
    long packed = MatMulFunctions.packedBytes(layout, k, n);
    int shift = weights.type() == DataType.U8 ? 128 : 0;
    memory = NativeMemory.allocate(packed);
    zeroPoints = new int[n];
    centredSums = new int[n];
    boolean any = false;
    try (NativeMemory sums = NativeMemory.allocate(4L * n);
        NativeMemory copy = weights.tensor().data().isNative()
            ? null
            : NativeMemory.allocate((long) k * n)) {
      MemorySegment data = weights.tensor().data();
      if (copy != null) {
        MemorySegment.copy(data, 0, copy.segment(), 0, (long) k * n);
        data = copy.segment();
      }
      MatMulFunctions.pack(layout, data, Names.type(weights.type()), weights.outIn(),
          weights.outIn() ? k : n, k, 0, n, memory.address(), sums.address());
      for (int column = 0; column < n; column++) {
        int zeroPoint = weights.zeroPoint(0, column) - shift;
        zeroPoints[column] = zeroPoint;
        centredSums[column] = sums.segment().getAtIndex(ValueLayout.JAVA_INT, column) - k * zeroPoint;
        any |= zeroPoint != 0;
      }
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
    asymmetric = any;
  }

  /** Where the packed weights are. */
  long address() {
    return memory.address();
  }

  long bytes() {
    return memory.bytes();
  }

  /** Whether any zero point of the packed weights differs from 0. */
  boolean asymmetric() {
    return asymmetric;
  }

  /** The zero point of each column, of the packed weights. Not a copy: read only. */
  int[] zeroPoints() {
    return zeroPoints;
  }

  /** The sum over k of {@code w - zero point} of each column. Not a copy: read only. */
  int[] centredSums() {
    return centredSums;
  }

  @Override
  public void close() {
    memory.close();
  }
}

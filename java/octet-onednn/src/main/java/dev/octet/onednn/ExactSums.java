package dev.octet.onednn;

import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Whether 32-bit results of oneDNN's products keep their lowest bits. "gemm:jit", which runs where there is
 * no VNNI, sums integers but passes the sum through a float before it stores it: beyond 2^24 results are
 * rounded (measured: by up to 64 at K = 140,000). Others are not trusted either but tried, once in a process.
 * Where an implementation loses bits, K is cut into pieces whose sums cannot leave the integers that floats
 * hold.
 */
final class ExactSums {
  /**
   * The largest sum of weights of one sign whose products with unsigned bytes all add up to an exact float.
   */
  private static final int LIMIT = (1 << 24) / 255;

  /** So many products that no implementation saturates add up to an odd number beyond 2^24. */
  private static final int TRIED = 1200;

  /** What was found out, by trying. */
  private static final class Trial {
    private static final String IMPLEMENTATION;
    private static final boolean KEEPS;

    static {
      int columns = 16;
      try (Handle src = Dnnl.desc(Dnnl.U8, Dnnl.TAG_AB, 1, TRIED);
          Handle weights = Dnnl.desc(Dnnl.S8, Dnnl.TAG_AB, TRIED, columns);
          Handle any = Dnnl.desc(Dnnl.S8, Dnnl.TAG_ANY, TRIED, columns);
          Handle dst = Dnnl.desc(Dnnl.S32, Dnnl.TAG_AB, 1, columns);
          Handle attributes = Dnnl.attributes();
          Handle description = Dnnl.matMul(src, any, null, dst, attributes);
          Handle packedDesc = Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS);
          NativeMemory plain = NativeMemory.allocate((long) TRIED * columns);
          NativeMemory packed = NativeMemory.allocate(Dnnl.size(packedDesc));
          NativeMemory operands = NativeMemory.allocate(TRIED + 4L * columns);
          Handle plainMemory = Dnnl.memory(weights, plain.address());
          Handle packedMemory = Dnnl.memory(packedDesc, packed.address());
          Runner runner = new Runner(description, packedMemory)) {
        plain.segment().fill((byte) Int8Rule.LIMIT);
        plain.segment().asSlice(0, columns).fill((byte) (Int8Rule.LIMIT - 1));
        Packing.reorder(weights, plainMemory, packedDesc, packedMemory);
        operands.segment().asSlice(0, TRIED).fill((byte) 255);
        runner.run(operands.address(), operands.address() + TRIED, MemorySegment.NULL, MemorySegment.NULL);
        int expected = 255 * (TRIED * Int8Rule.LIMIT - 1);
        IMPLEMENTATION = runner.implementation();
        KEEPS = operands.segment().get(ValueLayout.JAVA_INT_UNALIGNED, TRIED) == expected;
      }
    }

    private Trial() {}
  }

  private ExactSums() {}

  /** Whether an implementation of matmul stores every sum as it is; false where that is not known. */
  static boolean keeps(String implementation) {
    return Trial.KEEPS && implementation.equals(Trial.IMPLEMENTATION);
  }

  /** How many rows of any weights a piece may have. */
  static int anyPiece() {
    return LIMIT / 128;
  }

  /**
   * How many rows of these weights a piece may have, in multiples.
   *
   * @param weights S8, {@code [K][N]} dense
   * @param k rows
   * @param n columns
   * @param multiple pieces are multiples of it
   * @return K rounded up, or less
   */
  static int piece(MemorySegment weights, int k, int n, int multiple) {
    long largest = largest(weights, k, n, k);
    int pieces = (int) Math.ceilDiv(largest, LIMIT);
    int piece = roundUp(Math.ceilDiv(k, Math.max(1, pieces)), multiple);
    while (largest(weights, k, n, piece) > LIMIT) {
      pieces++;
      piece = roundUp(Math.ceilDiv(k, pieces), multiple);
    }
    return piece;
  }

  private static int roundUp(int value, int multiple) {
    return Math.ceilDiv(value, multiple) * multiple;
  }

  /** The largest sum of the weights of one sign in one column of one piece. */
  private static long largest(MemorySegment weights, int k, int n, int piece) {
    long[] positive = new long[n];
    long[] negative = new long[n];
    byte[] row = new byte[n];
    long largest = 0;
    for (int i = 0; i < k; i++) {
      MemorySegment.copy(weights, ValueLayout.JAVA_BYTE, (long) i * n, row, 0, n);
      for (int c = 0; c < n; c++) {
        positive[c] += Math.max(row[c], 0);
        negative[c] -= Math.min(row[c], 0);
      }
      if ((i + 1) % piece == 0 || i + 1 == k) {
        largest = Math.max(largest, Math.max(Arrays.stream(positive).max().getAsLong(),
            Arrays.stream(negative).max().getAsLong()));
        Arrays.fill(positive, 0);
        Arrays.fill(negative, 0);
      }
    }
    return largest;
  }
}

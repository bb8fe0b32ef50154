package dev.octet.onednn;

import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Whether 32-bit results of oneDNN keep their lowest bits. Some implementations sum integers but pass the sum
 * through a float before they store it, and beyond 2^24 results are rounded. Measured with oneDNN 3.13 on a
 * CPU with VNNI, every implementation it has, 200 to 1,000 cases each: exact are brg_matmul, brg_conv_fwd,
 * brgconv_1x1, brdgmm_dw with avx512_core_vnni and avx2_vnni; gemm:jit is wrong by up to 64, jit_int8,
 * jit_int8_1x1, jit_uni_int8 (VNNI or not) and x64:gemm_s8u8s32 by up to 16. Names are not relied on: product
 * and convolution are tried, each once in a process.
 *
 * <p>
 * Where an implementation of matmul loses bits, K is cut into pieces whose sums cannot leave the integers
 * that floats hold; a convolution is unfolded into a product then.
 */
final class ExactSums {
  /**
   * The largest sum of weights of one sign whose products with unsigned bytes all add up to an exact float.
   */
  private static final int LIMIT = (1 << 24) / 255;

  /** So many products that no implementation saturates add up to an odd number beyond 2^24. */
  private static final int TRIED = 1200;

  /**
   * What was found out, by trying.
   *
   * @param implementation what oneDNN ran
   * @param keeps whether the sum was stored as it is
   */
  private record Trial(String implementation, boolean keeps) {
    private static final int COLUMNS = 16;

    /**
     * Adds up TRIED products in each result.
     *
     * @param description S32 results of U8 and S8
     * @param plain weights, those of a column a column's width apart
     * @param source elements
     * @param results elements
     */
    static Trial of(Handle description, Handle plain, int source, int results) {
      try (Handle packedDesc = Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS);
          NativeMemory weights = NativeMemory.allocate((long) TRIED * COLUMNS);
          NativeMemory packed = NativeMemory.allocate(Dnnl.size(packedDesc));
          NativeMemory operands = NativeMemory.allocate(source + 4L * results);
          Handle plainMemory = Dnnl.memory(plain, weights.address());
          Handle packedMemory = Dnnl.memory(packedDesc, packed.address());
          Runner runner = new Runner(description, packedMemory)) {
        weights.segment().fill((byte) Int8Rule.LIMIT);
        weights.segment().asSlice(0, COLUMNS).fill((byte) (Int8Rule.LIMIT - 1));
        Packing.reorder(plain, plainMemory, packedDesc, packedMemory);
        operands.segment().asSlice(0, source).fill((byte) 255);
        runner.run(operands.address(), operands.address() + source, MemorySegment.NULL, MemorySegment.NULL);
        int expected = 255 * (TRIED * Int8Rule.LIMIT - 1);
        boolean keeps = true;
        for (int i = 0; i < results; i++) {
          keeps &= operands.segment().get(ValueLayout.JAVA_INT_UNALIGNED, source + 4L * i) == expected;
        }
        return new Trial(runner.implementation(), keeps);
      }
    }

    boolean isKept(String other) {
      return keeps && implementation.equals(other);
    }
  }

  /** A product of matrices. */
  private static final class Product {
    private static final Trial TRIAL;

    static {
      try (Handle src = Dnnl.desc(Dnnl.U8, Dnnl.TAG_AB, 1, TRIED);
          Handle plain = Dnnl.desc(Dnnl.S8, Dnnl.TAG_AB, TRIED, Trial.COLUMNS);
          Handle any = Dnnl.desc(Dnnl.S8, Dnnl.TAG_ANY, TRIED, Trial.COLUMNS);
          Handle dst = Dnnl.desc(Dnnl.S32, Dnnl.TAG_AB, 1, Trial.COLUMNS);
          Handle attributes = Dnnl.attributes();
          Handle description = Dnnl.matMul(src, any, null, dst, attributes)) {
        TRIAL = Trial.of(description, plain, TRIED, Trial.COLUMNS);
      }
    }

    private Product() {}
  }

  /** A convolution: windows of two pixels. */
  private static final class Convolution {
    private static final int CHANNELS = TRIED / 2;
    private static final int OUTPUTS = 8;
    private static final Trial TRIAL;

    static {
      try (Handle src = Dnnl.desc(Dnnl.U8, Dnnl.TAG_NHWC, 1, CHANNELS, 1, OUTPUTS + 1);
          Handle plain = Dnnl.desc(Dnnl.S8, Dnnl.TAG_HWIO, Trial.COLUMNS, CHANNELS, 1, 2);
          Handle any = Dnnl.desc(Dnnl.S8, Dnnl.TAG_ANY, Trial.COLUMNS, CHANNELS, 1, 2);
          Handle dst = Dnnl.desc(Dnnl.S32, Dnnl.TAG_NHWC, 1, Trial.COLUMNS, 1, OUTPUTS);
          Handle attributes = Dnnl.attributes();
          Handle description = Dnnl.convolution(src, any, null, dst, new long[]{1, 1}, new long[]{0, 0},
              new long[]{0, 0}, new long[]{0, 0}, attributes)) {
        TRIAL = Trial.of(description, plain, CHANNELS * (OUTPUTS + 1), Trial.COLUMNS * OUTPUTS);
      }
    }

    private Convolution() {}
  }

  private ExactSums() {}

  /** Whether an implementation of matmul stores every sum as it is; false where that is not known. */
  static boolean keeps(String implementation) {
    return Product.TRIAL.isKept(implementation);
  }

  /** The same for an implementation of convolution. */
  static boolean convolutionKeeps(String implementation) {
    return Convolution.TRIAL.isKept(implementation);
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

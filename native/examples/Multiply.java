import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import octet.octet_h;
import octet.octet_matmul;

/** What multiply.c does, through bindings that jextract generates from octet.h for the package octet. */
final class Multiply {
  private static final int ROWS = 2;
  private static final int K = 3;
  private static final int N = 2;

  private Multiply() {}

  /** The argument: the path of liboctet.so. */
  public static void main(String[] args) {
    System.load(args[0]); // symbols of the loader's libraries are what generated code looks up
    if (octet_h.octet_version() != octet_h.OCTET_ABI_VERSION()) {
      throw new IllegalStateException("liboctet has interface " + octet_h.octet_version()
          + ", the bindings are of " + octet_h.OCTET_ABI_VERSION());
    }
    int tier = octet_h.octet_cpu_tier();
    int kernel = octet_h.octet_matmul_kernel(tier, octet_h.OCTET_S8(), octet_h.OCTET_S32());
    if (kernel < 0) {
      throw new IllegalStateException("liboctet has no kernel for these types");
    }
    int layout = octet_h.octet_matmul_layout(tier);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocateFrom(ValueLayout.JAVA_BYTE, new byte[]{1, -2, 3, -128, 127, 0});
      MemorySegment weights = arena.allocateFrom(ValueLayout.JAVA_BYTE, new byte[]{1, 2, 3, 4, 5, -6});
      MemorySegment packed = arena.allocate(octet_h.octet_matmul_packed_bytes(layout, K, N), 64);
      MemorySegment sums = arena.allocate(ValueLayout.JAVA_INT, N);
      octet_h.octet_matmul_pack(layout, weights, octet_h.OCTET_S8(), 0, N, K, 0, N, packed, sums);

      // Signed rows are multiplied as unsigned ones, 128 more: that much times the sum of a column comes off.
      MemorySegment offsets = arena.allocate(ValueLayout.JAVA_INT, N);
      for (int n = 0; n < N; n++) {
        offsets.setAtIndex(ValueLayout.JAVA_INT, n, -128 * sums.getAtIndex(ValueLayout.JAVA_INT, n));
      }
      MemorySegment product = octet_matmul.allocate(arena);
      octet_matmul.weights(product, packed);
      octet_matmul.offsets(product, offsets);
      octet_matmul.kernel(product, kernel);
      octet_matmul.k(product, K);
      octet_matmul.n(product, N);
      MemorySegment result = arena.allocate(ValueLayout.JAVA_INT, ROWS * N);
      MemorySegment scratch = arena.allocate(octet_h.octet_matmul_scratch_bytes(product, ROWS), 64);
      octet_h.octet_matmul_run(product, rows, K, MemorySegment.NULL, MemorySegment.NULL, result, N, ROWS, 0, N,
          scratch);

      int[] got = result.toArray(ValueLayout.JAVA_INT);
      System.out.println(octet_h.octet_kernel_name(kernel).getString(0) + ": " + Arrays.toString(got));
      if (!Arrays.equals(got, new int[]{10, -24, 253, 252})) {
        throw new IllegalStateException("expected [10, -24, 253, 252], got " + Arrays.toString(got));
      }
    }
  }
}

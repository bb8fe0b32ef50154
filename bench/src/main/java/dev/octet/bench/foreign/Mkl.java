package dev.octet.bench.foreign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Intel MKL, opened from a folder, and the one product of bytes that it has: U8 rows times S8 weights to S32.
 * It stays loaded for the life of the process. Which of its libraries of kernels it takes for a CPU is its
 * own choice; on CPUs of AMD 2026.1 takes the one for any x86-64 ({@code libmkl_def}), whatever
 * {@code MKL_ENABLE_INSTRUCTIONS} says. What it does where a library of its own is missing is to end the
 * process, so that all of them are looked for here.
 */
public final class Mkl {
  /** The system property that names the folder, which {@code ci/peers --mkl} prints. */
  public static final String PROPERTY = "octet.mkl";

  /** What to do where the property is not set. */
  public static final String ABSENT = "ci/peers --mkl fetches it, --mkl names its folder";

  private static final String ENTRY = "libmkl_rt.so.3";
  private static final List<String> FILES = List.of(ENTRY, "libmkl_core.so.3", "libmkl_intel_lp64.so.3",
      "libmkl_intel_thread.so.3", "libiomp5.so", "libmkl_def.so.3", "libmkl_mc3.so.3", "libmkl_avx2.so.3",
      "libmkl_avx512.so.3", "libmkl_avx10.so.3");
  private static final Pattern KERNELS = Pattern.compile("libmkl_(def|mc3|avx2|avx512|avx10)(?=\\.so)");
  private static final Pattern VERSION = Pattern.compile("Version (\\d+(?:\\.\\d+)+)");

  /** MKL_INTERFACE_LP64: its integers are C's int. */
  private static final int LP64 = 0;
  /** MKL_THREADING_INTEL: libiomp5. */
  private static final int INTEL_THREADS = 0;
  private static final int ROW_MAJOR = 101;
  private static final int AS_IT_IS = 111;
  private static final int PACKED = 151;
  private static final int RIGHT_MATRIX = 162;
  /** CblasFixOffset: one number is added to all results. */
  private static final int ONE_OFFSET = 173;
  private static final int TEXT_BYTES = 256;

  private final CLibrary library;
  private final MethodHandle setThreads;
  private final MethodHandle multiply;
  private final MethodHandle multiplyPacked;
  private final MemorySegment zero = Arena.global().allocate(ValueLayout.JAVA_INT);
  private final String description;

  private Mkl(CLibrary library) {
    this.library = library;
    // Before anything else, and whatever the environment says.
    library.number("MKL_Set_Interface_Layer", LP64);
    library.number("MKL_Set_Threading_Layer", INTEL_THREADS);
    this.setThreads = library.bind("MKL_Set_Num_Threads_Local",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    FunctionDescriptor product = FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
        ValueLayout.JAVA_INT, ValueLayout.JAVA_FLOAT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT,
        ValueLayout.JAVA_BYTE, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_BYTE,
        ValueLayout.JAVA_FLOAT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    this.multiply = library.bind("cblas_gemm_s8u8s32", product);
    this.multiplyPacked = library.bind("cblas_gemm_s8u8s32_compute", product);
    boolean exact = keepsWideSums();
    this.description = "MKL " + version() + ", " + kernels() + (exact ? "" : " (not exact)");
  }

  /**
   * Sets the property, in this JVM and those that benchmarks start.
   *
   * @param folder MKL's libraries
   * @return the folder
   * @throws IllegalArgumentException if one of them is not there
   */
  public static Path use(Path folder) {
    check(folder);
    System.setProperty(PROPERTY, folder.toAbsolutePath().toString());
    return folder;
  }

  /**
   * Opens the folder that the property names.
   *
   * @throws UnsupportedOperationException if it names none
   * @throws IllegalArgumentException if MKL is not in it
   */
  public static Mkl here() {
    String folder = System.getProperty(PROPERTY);
    if (folder == null) {
      throw new UnsupportedOperationException(ABSENT);
    }
    return open(Path.of(folder));
  }

  /**
   * Opens MKL.
   *
   * @param folder its libraries
   * @throws IllegalArgumentException if one of them is not there
   */
  public static Mkl open(Path folder) {
    check(folder);
    return new Mkl(CLibrary.open(folder.resolve(ENTRY), Arena.global()));
  }

  private static void check(Path folder) {
    for (String file : FILES) {
      if (!Files.isRegularFile(folder.resolve(file))) {
        throw new IllegalArgumentException(
            "expected a folder with " + file + ", which ci/peers --mkl fetches, got " + folder);
      }
    }
  }

  /**
   * The version, the library of kernels that it has chosen, and whether its integers are not exact on this
   * CPU.
   */
  public String description() {
    return description;
  }

  private String version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(TEXT_BYTES);
      library.call("MKL_Get_Version_String", text, TEXT_BYTES - 1);
      Matcher version = VERSION.matcher(text.getString(0));
      return version.find() ? version.group(1) : text.getString(0).strip();
    }
  }

  /** What is loaded, since it does not say. */
  private static String kernels() {
    try {
      Matcher loaded = KERNELS.matcher(Files.readString(Path.of("/proc/self/maps")));
      return loaded.find() ? loaded.group() : "kernels unknown";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether sums of two products of the largest bytes stay whole: in 16 bits they do not. */
  private boolean keepsWideSums() {
    int m = 16;
    int k = 64;
    int n = 32;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate((long) m * k).fill((byte) 255);
      MemorySegment weights = arena.allocate((long) k * n).fill((byte) 127);
      MemorySegment sums = arena.allocate(ValueLayout.JAVA_INT, (long) m * n);
      for (boolean packed : new boolean[]{false, true}) {
        new Product(m, k, n, source, 0, weights, sums, 1, packed, arena).run();
        for (int sum : sums.toArray(ValueLayout.JAVA_INT)) {
          if (sum != 255 * 127 * k) {
            return false;
          }
        }
      }
      return true;
    }
  }

  /** A product that is ready to run on any thread, one at a time. */
  public final class Product {
    private final int m;
    private final int k;
    private final int n;
    private final MemorySegment source;
    private final byte offset;
    private final MemorySegment weights;
    private final MemorySegment sums;
    private final int threads;
    private final boolean packed;

    /**
     * Prepares.
     *
     * @param m rows, 1 or more
     * @param k elements of a row, 1 or more
     * @param n columns of the weights, 1 or more
     * @param source native memory of m x k bytes, U8
     * @param offset what is added to each of them, -128 to 127; -128 where 128 was added to signed bytes
     * @param weights native memory of k x n bytes, S8; where they are packed they are only read here
     * @param sums takes m x n S32
     * @param threads MKL's
     * @param packed whether the weights are brought into MKL's own layout beforehand
     * @param arena holds what is packed
     * @throws IllegalArgumentException if an operand is too short, by name
     */
    public Product(int m, int k, int n, MemorySegment source, int offset, MemorySegment weights,
        MemorySegment sums, int threads, boolean packed, Arena arena) {
      check("source", source, (long) m * k);
      check("weights", weights, (long) k * n);
      check("sums", sums, (long) m * n * Integer.BYTES);
      this.m = m;
      this.k = k;
      this.n = n;
      this.source = source;
      this.offset = (byte) offset;
      this.sums = sums;
      this.threads = threads;
      this.packed = packed;
      this.weights = packed ? pack(weights, arena) : weights;
    }

    private static void check(String operand, MemorySegment memory, long bytes) {
      if (!memory.isNative() || memory.byteSize() < bytes) {
        throw new IllegalArgumentException(operand + ": expected native memory of " + bytes
            + " bytes or more, got " + (memory.isNative() ? "" : "heap memory of ") + memory.byteSize());
      }
    }

    private MemorySegment pack(MemorySegment plain, Arena arena) {
      long bytes = library.size("cblas_gemm_s8u8s32_pack_get_size", RIGHT_MATRIX, m, n, k);
      MemorySegment memory = arena.allocate(bytes, 64);
      library.call("cblas_gemm_s8u8s32_pack", ROW_MAJOR, RIGHT_MATRIX, AS_IT_IS, m, n, k, plain, n, memory);
      return memory;
    }

    /** Multiplies. */
    public void run() {
      try {
        int before = (int) setThreads.invokeExact(threads);
        if (packed) {
          multiplyPacked.invokeExact(ROW_MAJOR, AS_IT_IS, PACKED, ONE_OFFSET, m, n, k, 1f, source, k, offset,
              weights, n, (byte) 0, 0f, sums, n, zero);
        } else {
          multiply.invokeExact(ROW_MAJOR, AS_IT_IS, AS_IT_IS, ONE_OFFSET, m, n, k, 1f, source, k, offset,
              weights, n, (byte) 0, 0f, sums, n, zero);
        }
        int _ = (int) setThreads.invokeExact(before);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    /** Whether the weights are packed. */
    public boolean isPacked() {
      return packed;
    }
  }
}

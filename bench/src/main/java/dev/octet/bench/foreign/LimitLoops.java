package dev.octet.bench.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a core can do at all, by the library bench-loops, in turns with what is held against it: reading
 * memory, multiplying bytes in registers, and multiplying floats. Loops repeat in C: no call from Java is
 * counted.
 */
public final class LimitLoops {
  /** The read loop takes a multiple of this. */
  private static final long STEP = 1024;

  private final CLibrary library;
  private final MethodHandle read;
  private final MethodHandle multiply;
  private final MethodHandle multiplyFloats;

  private LimitLoops(CLibrary library) {
    this.library = library;
    this.read = library.bind("octet_bench_read", FunctionDescriptor.of(ValueLayout.JAVA_INT,
        ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    FunctionDescriptor multiplication = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);
    this.multiply = library.bind("octet_bench_multiply", multiplication);
    this.multiplyFloats = library.bind("octet_bench_multiply_floats", multiplication);
  }

  /**
   * Opens the library.
   *
   * @param folder where the programs of bench/native were built
   * @return the loops, or nothing where they were not built or are not for this CPU
   */
  public static Optional<LimitLoops> here(Path folder) {
    Path file = folder.resolve("libbench-loops.so");
    return Optional.of(file).filter(Files::isRegularFile)
        .map(built -> new LimitLoops(CLibrary.open(built, Arena.global())))
        .filter(loops -> (int) CLibrary.invoke(loops.multiply, 1L) == 1
            && (int) CLibrary.invoke(loops.multiplyFloats, 1L) == 1
            && (int) CLibrary.invoke(loops.read, MemorySegment.NULL, 0L, 1L) == 1);
  }

  /** Memory of its own in huge pages to read. */
  public final class Memory implements AutoCloseable {
    private final MemorySegment start;
    private final long bytes;

    /**
     * Allocates.
     *
     * @param bytes at least 1; rounded up to a multiple of 1024
     */
    public Memory(long bytes) {
      this.bytes = (bytes + STEP - 1) / STEP * STEP;
      this.start = library.pointer("octet_bench_memory", this.bytes);
    }

    /** Reads all of it, so many times. */
    public void read(long times) {
      CLibrary.invoke(read, start, bytes, times);
    }

    @Override
    public void close() {
      library.call("octet_bench_free", start);
    }
  }

  /** Multiplies bytes for so many operations, a product and its addition being two. */
  public void multiply(long operations) {
    CLibrary.invoke(multiply, operations);
  }

  /** Multiplies floats for so many operations, a product and its addition being two. */
  public void multiplyFloats(long operations) {
    CLibrary.invoke(multiplyFloats, operations);
  }
}

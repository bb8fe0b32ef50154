package dev.octet.bench.blocks;

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
 * memory, and multiplying bytes in registers.
 */
final class LimitLoops {
  /** The read loop takes a multiple of this. */
  private static final long STEP = 1024;

  private final CLibrary library;
  private final MethodHandle read;
  private final MethodHandle multiply;

  private LimitLoops(CLibrary library) {
    this.library = library;
    this.read = library.bind("octet_bench_read",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    this.multiply = library.bind("octet_bench_multiply",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
  }

  /**
   * Opens the library.
   *
   * @param folder where the programs of bench/native were built
   * @return the loops, or nothing where they were not built or are not for this CPU
   */
  static Optional<LimitLoops> here(Path folder) {
    Path file = folder.resolve("libbench-loops.so");
    return Optional.of(file).filter(Files::isRegularFile)
        .map(built -> new LimitLoops(CLibrary.open(built, Arena.global())))
        .filter(loops -> (int) CLibrary.invoke(loops.multiply, 1L) == 1
            && (int) CLibrary.invoke(loops.read, MemorySegment.NULL, 0L) == 1);
  }

  /** Memory of its own in huge pages to read. */
  final class Memory implements AutoCloseable {
    private final MemorySegment start;
    private final long bytes;

    Memory(long bytes) {
      this.bytes = (bytes + STEP - 1) / STEP * STEP;
      this.start = library.pointer("octet_bench_memory", this.bytes);
    }

    /** Reads all of it. */
    void read() {
      CLibrary.invoke(read, start, bytes);
    }

    @Override
    public void close() {
      library.call("octet_bench_free", start);
    }
  }

  /** Multiplies bytes for so many operations, a product and its addition being two. */
  void multiply(long operations) {
    CLibrary.invoke(multiply, operations);
  }
}

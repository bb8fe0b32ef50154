package dev.octet.bench.foreign;

import dev.octet.Isa;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What a core can do at all, by the library bench-loops, in turns with what is held against it: reading
 * memory, multiplying bytes in registers, and multiplying floats. Loops repeat in C: no call from Java is
 * counted.
 */
public final class LimitLoops {
  /** The read loop takes a multiple of this. */
  private static final long STEP = 1024;

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;

  private final CLibrary library;
  private final MemorySegment loops;
  private final MethodHandle read;
  private final MethodHandle multiply;
  private final MethodHandle multiplyFloats;

  private LimitLoops(CLibrary library, MemorySegment loops) {
    this.library = library;
    this.loops = loops;
    this.read = library.bind("octet_bench_read",
        FunctionDescriptor.ofVoid(POINTER, POINTER, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    FunctionDescriptor multiplication = FunctionDescriptor.ofVoid(POINTER, ValueLayout.JAVA_LONG);
    this.multiply = library.bind("octet_bench_multiply", multiplication);
    this.multiplyFloats = library.bind("octet_bench_multiply_floats", multiplication);
  }

  /**
   * Opens the library, for all that this CPU has.
   *
   * @param folder where the programs of bench/native were built
   * @return the loops, or nothing where they were not built
   */
  public static Optional<LimitLoops> here(Path folder) {
    return open(folder, MemorySegment.NULL);
  }

  /**
   * Opens the library, for a CPU that has no more than a tier of instruction sets.
   *
   * @param folder where the programs of bench/native were built
   * @param tier the tier
   * @return the loops, or nothing where they were not built, this CPU lacks the tier, or there are none for
   *         it
   */
  public static Optional<LimitLoops> here(Path folder, Isa tier) {
    return open(folder, Arena.global().allocateFrom(tier.name().toLowerCase(Locale.ROOT)));
  }

  private static Optional<LimitLoops> open(Path folder, MemorySegment tier) {
    Path file = folder.resolve("libbench-loops.so");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    CLibrary library = CLibrary.open(file, Arena.global());
    MemorySegment loops = library.pointerOrNull("octet_bench_limits", tier);
    return loops.equals(MemorySegment.NULL)
        ? Optional.empty()
        : Optional.of(new LimitLoops(library, loops));
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
      CLibrary.invoke(read, loops, start, bytes, times);
    }

    @Override
    public void close() {
      library.call("octet_bench_free", start);
    }
  }

  /** The instruction that multiplies bytes and its register, as {@code ci/bench limits} names them. */
  public String instruction() {
    return library.text("octet_bench_multiply_name", loops);
  }

  /** Multiplies bytes for so many operations, a product and its addition being two. */
  public void multiply(long operations) {
    CLibrary.invoke(multiply, loops, operations);
  }

  /** Multiplies floats for so many operations, a product and its addition being two. */
  public void multiplyFloats(long operations) {
    CLibrary.invoke(multiplyFloats, loops, operations);
  }
}

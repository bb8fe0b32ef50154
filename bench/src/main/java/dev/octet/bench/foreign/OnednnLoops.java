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
 * oneDNN as a careful program in C calls it, by the library bench-onednn, in turns with Octet: weights packed
 * and arguments bound beforehand, on operands of its own. Runs repeat in C: no call from Java is counted.
 */
public final class OnednnLoops {
  private static final long TEXT_BYTES = 512;

  private final CLibrary library;
  private final MethodHandle run;

  private OnednnLoops(CLibrary library) {
    this.library = library;
    this.run = library.bind("octet_bench_onednn_run",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
  }

  /**
   * Opens the library.
   *
   * @param folder where the programs of bench/native were built
   * @return oneDNN, or nothing where it was not built
   */
  public static Optional<OnednnLoops> here(Path folder) {
    Path file = folder.resolve("libbench-onednn.so");
    return Optional.of(file).filter(Files::isRegularFile)
        .map(built -> new OnednnLoops(CLibrary.open(built, Arena.global())));
  }

  /** A product or convolution that is ready to run, on the thread that made it. */
  public final class Primitive implements AutoCloseable {
    private final MemorySegment held;
    private final String implementation;

    /**
     * Prepares.
     *
     * @param op {@code matmul} or {@code conv}
     * @param shape as in shape files
     * @param form as in shape files
     * @param threads OpenMP's
     * @throws UnsupportedOperationException if oneDNN refuses it, with its reason
     */
    public Primitive(String op, String shape, String form, int threads) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocate(TEXT_BYTES);
        this.held = library.pointerOrNull("octet_bench_onednn_open", arena.allocateFrom(op),
            arena.allocateFrom(shape), arena.allocateFrom(form), threads, text, TEXT_BYTES);
        this.implementation = text.getString(0);
      }
      if (held.equals(MemorySegment.NULL)) {
        throw new UnsupportedOperationException(implementation);
      }
    }

    /** The name that oneDNN gives its implementation, and whether its integers are not exact. */
    public String implementation() {
      return implementation;
    }

    /** Runs so many times. */
    public void run(long times) {
      if ((int) CLibrary.invoke(run, held, times) != 1) {
        throw new IllegalStateException("oneDNN failed: " + implementation);
      }
    }

    /** The results that differ from plain loops in C by more than oneDNN's rounding. */
    public long differences() {
      return library.size("octet_bench_onednn_differences", held);
    }

    @Override
    public void close() {
      library.call("octet_bench_onednn_close", held);
    }
  }
}

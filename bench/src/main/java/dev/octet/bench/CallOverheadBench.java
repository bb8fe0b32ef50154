package dev.octet.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a call costs: products so small that little else is left, and what no call into native code can go
 * below.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CallOverheadBench {
  /** A small product. */
  public static class Call extends CaseState {
    /** {@code MxKxN}. */
    @Param("1x16x16")
    public String shape;

    /** See {@link dev.octet.harness.shape.Form}. */
    @Param("s8s8s8q")
    public String dtype;

    /** Packs the weights. */
    @Setup(Level.Trial)
    public void setUp() {
      open("matmul", shape, dtype);
    }
  }

  /** memcmp of no bytes: two segments and a length go in, an int comes out, nothing is done. */
  @SuppressWarnings("restricted")
  @State(Scope.Benchmark)
  public static class Downcall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemorySegment MEMCMP = LINKER.defaultLookup().findOrThrow("memcmp");
    private static final FunctionDescriptor TYPE = FunctionDescriptor.of(ValueLayout.JAVA_INT,
        ValueLayout.ADDRESS,
        ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
    private static final MethodHandle PLAIN = LINKER.downcallHandle(MEMCMP, TYPE);
    private static final MethodHandle CRITICAL = LINKER.downcallHandle(MEMCMP, TYPE,
        Linker.Option.critical(false));

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment left = arena.allocate(64);
    private final MemorySegment right = arena.allocate(64);

    /** Frees the segments. */
    @TearDown(Level.Trial)
    public void close() {
      arena.close();
    }
  }

  /** Octet or ONNX Runtime on a small product. */
  @Benchmark
  public void product(Call call) {
    call.subject.run();
  }

  /** A downcall that lets the garbage collector work meanwhile. */
  @Benchmark
  public int plainDowncall(Downcall state) throws Throwable {
    return (int) Downcall.PLAIN.invokeExact(state.left, state.right, 0L);
  }

  /** A downcall that holds the garbage collector off. */
  @Benchmark
  public int criticalDowncall(Downcall state) throws Throwable {
    return (int) Downcall.CRITICAL.invokeExact(state.left, state.right, 0L);
  }
}

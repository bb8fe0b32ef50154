package dev.octet.internal.dispatch;

import static dev.octet.Engine.NATIVE;
import static dev.octet.Engine.ONEDNN;
import static dev.octet.Engine.SCALAR;
import static dev.octet.Engine.VECTOR;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Isa;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.engine.EngineUnavailableException;
import dev.octet.engine.MatMulKernel;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.ExecutorWorkers;
import dev.octet.internal.parallel.Team;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which engine is chosen, over providers and machines made for the test. */
class EnginesTest {
  private static final List<EngineProvider> SCALAR_ALONE = List.of(new Providers.Scalar());
  private static final Machine PLAIN = new Machine(Isa.AVX2, "avx2 (CPU)", false, false, null);
  private static final Machine WITH_AMX = new Machine(Isa.AVX512VNNI, "avx512vnni (CPU)", true, true, null);

  private static Settings asking(Engine engine) {
    return new Settings(engine, "the program", null, 1, null);
  }

  private static Providers providers(EngineProvider... others) {
    return Providers.find(SCALAR_ALONE, List.of(others).iterator());
  }

  /** The engine that makes a kernel. */
  private static Engine chosen(Dispatch dispatch) {
    return dispatch.prepare("matMul", backend -> backend instanceof Fake
        ? backend.matMul(null)
        : new MatMulKernel() {
          @Override
          public String name() {
            return "scalar";
          }

          @Override
          public void run(java.lang.foreign.MemorySegment src, long srcStride,
              java.lang.foreign.MemorySegment rowScales, java.lang.foreign.MemorySegment rowZeroPoints,
              java.lang.foreign.MemorySegment dst, long dstStride, int rows) {
            throw new AssertionError("not run");
          }
        }).engine();
  }

  private static EngineStatus status(Dispatch dispatch, Engine engine) {
    return dispatch.statuses().stream().filter(s -> s.engine() == engine).findFirst().orElseThrow();
  }

  @Test
  void automaticallyTheFirstThatOpens() {
    Dispatch dispatch = Engines.open(asking(null), providers(), PLAIN);
    assertSame(SCALAR, chosen(dispatch));
    assertEquals(List.of(NATIVE, ONEDNN, VECTOR, SCALAR),
        dispatch.statuses().stream().map(EngineStatus::engine).toList());
    assertEquals(new EngineStatus(SCALAR, true, "plain Java loops, one thread", null),
        status(dispatch, SCALAR));
    assertEquals("not part of this version", status(dispatch, NATIVE).detail());
    assertEquals("not part of this version", status(dispatch, VECTOR).detail());
    assertEquals("octet-onednn is neither on the module path nor on the class path",
        status(dispatch, ONEDNN).detail());
    dispatch.close();
  }

  @Test
  void whereNoJvmHasRunItNativeCodeIsHeldToScalar() {
    Machine machine = new Machine(Isa.I8MM, "i8mm (CPU)", false, false, "linux-aarch64");
    Dispatch dispatch = Engines.open(asking(null),
        providers(new Fake(NATIVE), new Fake(ONEDNN), new Fake(VECTOR)), machine);
    for (Engine engine : List.of(NATIVE, ONEDNN)) {
      String detail = status(dispatch, engine).detail();
      assertTrue(detail.contains("no JVM has run them on linux-aarch64 yet"), detail);
    }
    assertFalse(status(dispatch, VECTOR).detail().contains("linux-aarch64"));
    dispatch.close();
  }

  @Test
  void theOrderDependsOnTheMachine() {
    for (Machine machine : List.of(PLAIN, WITH_AMX)) {
      Dispatch dispatch = Engines.open(asking(null),
          providers(new Fake(VECTOR), new Fake(ONEDNN), new Fake(NATIVE)), machine);
      assertSame(machine.amx() ? ONEDNN : NATIVE, chosen(dispatch));
      assertEquals(
          machine.amx() ? List.of(ONEDNN, NATIVE, VECTOR, SCALAR) : List.of(NATIVE, ONEDNN, VECTOR, SCALAR),
          dispatch.statuses().stream().map(EngineStatus::engine).toList());
      assertTrue(dispatch.statuses().stream().allMatch(EngineStatus::available));
      dispatch.close();
    }
  }

  @Test
  void aForcedEngineIsTheOnlyOneOpened() {
    Fake oneDnn = new Fake(ONEDNN);
    Fake other = new Fake(NATIVE);
    Dispatch dispatch = Engines.open(asking(ONEDNN), providers(oneDnn, other), PLAIN);
    assertSame(ONEDNN, chosen(dispatch));
    assertNull(other.context);
    assertEquals(new EngineStatus(SCALAR, false, "not tried, ONEDNN was asked for", null),
        status(dispatch, SCALAR));
    // What the forced engine lacks is not looked for elsewhere.
    assertThrows(UnsupportedOperationException.class,
        () -> dispatch.prepare("lookup", backend -> backend.lookup(new byte[256])));
    dispatch.close();
    assertTrue(oneDnn.isClosed());
  }

  @ParameterizedTest
  @CsvSource({"NATIVE, not part of this version", "VECTOR, not part of this version",
      "ONEDNN, octet-onednn is neither on the module path nor on the class path"})
  void aForcedEngineThatIsNotThere(Engine engine, String reason) {
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class,
        () -> Engines.open(new Settings(engine, "-Doctet.engine=x", null, 1, null), providers(), PLAIN));
    assertEquals("engine " + engine + ", asked for by -Doctet.engine=x, is not available: " + reason,
        e.getMessage());
  }

  /** Failures that a provider announces, and those that it should not have. */
  private static final List<Throwable> FAILURES = List.of(
      new EngineUnavailableException("version too old", new IllegalStateException("3.11")),
      new UnsatisfiedLinkError("libgomp.so.1: not found"),
      new IllegalArgumentException("octet.cache: no such place"),
      new ServiceConfigurationError("bad"), new ExceptionInInitializerError("static"));

  @Test
  void aFailureTakesOneEngineAwayUnderAuto() {
    for (Throwable failure : FAILURES) {
      Dispatch dispatch = Engines.open(asking(null), providers(Fake.failing(ONEDNN, failure)), PLAIN);
      assertSame(SCALAR, chosen(dispatch));
      EngineStatus status = status(dispatch, ONEDNN);
      assertFalse(status.available());
      assertTrue(status.detail().contains(failure.getMessage()), status.detail());
      Throwable cause = failure instanceof EngineUnavailableException ? failure.getCause() : failure;
      assertSame(cause, status.cause());
      String report = dispatch.report();
      assertTrue(report.contains("ONEDNN: not available: "), report);
      assertTrue(report.contains(failure.getMessage()), report);
      assertTrue(report.contains(cause.getMessage()), report);
      dispatch.close();
    }
  }

  @Test
  void aFailureIsThrownWithItsCauseWhenForced() {
    for (Throwable failure : FAILURES) {
      UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class,
          () -> Engines.open(asking(ONEDNN), providers(Fake.failing(ONEDNN, failure)), PLAIN));
      assertTrue(e.getMessage().startsWith("engine ONEDNN, asked for by the program, is not available: "),
          e.getMessage());
      assertTrue(e.getMessage().contains(failure.getMessage()), e.getMessage());
      assertSame(failure instanceof EngineUnavailableException ? failure.getCause() : failure, e.getCause());
    }
  }

  /** An engine that opens but cannot describe itself is closed again. */
  @Test
  void aBackendThatFailsAtOnceIsClosed() {
    Fake fake = new Fake(ONEDNN) {
      @Override
      public String describe() {
        throw new IllegalStateException("cannot say");
      }
    };
    Dispatch dispatch = Engines.open(asking(null), providers(fake), PLAIN);
    assertTrue(fake.isClosed());
    assertInstanceOf(IllegalStateException.class, status(dispatch, ONEDNN).cause());
    dispatch.close();
    assertEquals(1, fake.closes.get());
  }

  /** What no engine can be blamed for ends the opening, and leaves nothing open. */
  @Test
  void anErrorOfTheMachineIsThrown() {
    Fake opened = new Fake(NATIVE);
    OutOfMemoryError error = new OutOfMemoryError("test");
    assertSame(error, assertThrows(OutOfMemoryError.class,
        () -> Engines.open(asking(null), providers(opened, Fake.failing(ONEDNN, error)), PLAIN)));
    assertTrue(opened.isClosed());
  }

  /** Two jars that bring the same engine: the first that works is used. */
  @Test
  void theFirstProviderThatOpens() {
    Fake works = new Fake(ONEDNN);
    Fake late = new Fake(ONEDNN);
    Dispatch dispatch = Engines.open(asking(null),
        providers(Fake.failing(ONEDNN, new IllegalStateException("old")), works, late), PLAIN);
    assertSame(ONEDNN, chosen(dispatch));
    assertEquals(1, works.openKernels.get());
    assertNull(late.context);
    dispatch.close();
    assertEquals(0, late.closes.get());
  }

  @Test
  void aProviderThatCannotBeLoadedIsTold() {
    ServiceConfigurationError broken = new ServiceConfigurationError(
        "dev.octet.engine.EngineProvider: x not found");
    Fake fine = new Fake(NATIVE);
    Iterator<EngineProvider> lookup = new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < 2;
      }

      @Override
      public EngineProvider next() {
        if (next++ == 0) {
          throw broken;
        }
        return fine;
      }
    };
    Providers providers = Providers.find(SCALAR_ALONE, lookup);
    Dispatch dispatch = Engines.open(asking(null), providers, PLAIN);
    assertSame(NATIVE, chosen(dispatch));
    assertSame(broken, status(dispatch, ONEDNN).cause());
    assertTrue(dispatch.report().contains("ONEDNN: not available: no provider could be loaded: " + broken),
        dispatch.report());
    dispatch.close();
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class,
        () -> Engines.open(asking(ONEDNN), providers, PLAIN));
    assertSame(broken, e.getCause());
  }

  /** A lookup that fails for ever comes to an end. */
  @Test
  void aLookupThatNeverWorks() {
    Iterator<EngineProvider> lookup = new Iterator<>() {
      @Override
      public boolean hasNext() {
        throw new ServiceConfigurationError("unreadable");
      }

      @Override
      public EngineProvider next() {
        throw new AssertionError();
      }
    };
    assertEquals(16, Providers.find(SCALAR_ALONE, lookup).broken().size());
  }

  @Test
  void aProviderWithoutEngineIsBroken() {
    Providers providers = providers(new Fake(null), new Fake(NATIVE));
    assertEquals(1, providers.broken().size());
    assertEquals(2, providers.found().size());
  }

  @ParameterizedTest
  @CsvSource({"BASELINE, , BASELINE", "AVX2, , AVX2", "AVX2, BASELINE, BASELINE", "AVX2, AVX2, AVX2",
      "AVX2, AVX512VNNI, AVX2", "AVXVNNI, AVX512, AVXVNNI", "AVXVNNI, AVX2, AVX2", "AVX512, AVXVNNI, AVX2",
      "AVX512VNNI, AVX512, AVX512", "AVX512VNNI, AVXVNNI, AVX2", "AVX512VNNI, AVX512VNNI, AVX512VNNI",
      "BASELINE, AVX512VNNI, BASELINE", "I8MM, NEON, NEON", "I8MM, DOTPROD, DOTPROD",
      "DOTPROD, I8MM, DOTPROD",
      "I8MM, BASELINE, BASELINE", "I8MM, AVX2, I8MM", "NEON, AVX512VNNI, NEON",
      "AVX512VNNI, DOTPROD, AVX512VNNI",
      "BASELINE, NEON, BASELINE"})
  void theTierIsLoweredAtMost(Isa machine, Isa allowed, Isa used) {
    Fake fake = new Fake(NATIVE);
    Dispatch dispatch = Engines.open(new Settings(null, "", allowed, 1, null), providers(fake),
        new Machine(machine, "MACHINE", false, false, null));
    assertSame(used, fake.context.isa());
    String tier = dispatch.report().lines().filter(line -> line.startsWith("tier: ")).findFirst()
        .orElseThrow();
    assertEquals(used != machine
        ? "tier: " + used.name().toLowerCase(java.util.Locale.ROOT) + ", lowered from MACHINE"
        : allowed == null || allowed == machine
            ? "tier: MACHINE"
            : "tier: MACHINE, though " + allowed.name().toLowerCase(java.util.Locale.ROOT) + " was allowed",
        tier);
    dispatch.close();
  }

  @Test
  void workersAreWhatWasAskedFor() {
    Executor executor = Runnable::run;
    record Case(int threads, Executor executor, Class<?> workers, String line) {}
    for (Case c : List.of(new Case(1, null, CallerOnly.class, "threads: 1, the caller alone"),
        new Case(1, executor, CallerOnly.class, "threads: 1, the caller alone"),
        new Case(3, null, Team.class, "threads: 3, the caller and workers of this Octet"),
        new Case(3, executor, ExecutorWorkers.class, "threads: 3, the caller and the program's executor"))) {
      Fake fake = new Fake(NATIVE);
      Dispatch dispatch = Engines.open(new Settings(null, "", null, c.threads(), c.executor()),
          providers(fake), PLAIN);
      assertSame(c.workers(), fake.context.workers().getClass());
      assertEquals(c.threads(), fake.context.workers().threads());
      assertSame(fake.context.workers(), dispatch.workers());
      assertTrue(dispatch.report().lines().anyMatch(c.line()::equals), dispatch.report());
      dispatch.close();
    }
  }

  @Test
  void theReportReadsLikeThis() {
    Dispatch dispatch = Engines.open(asking(null),
        providers(new Fake(ONEDNN)), PLAIN);
    List<String> lines = dispatch.report().lines().toList();
    assertEquals(List.of("NATIVE: not available: not part of this version", "ONEDNN: in use: a fake",
        "VECTOR: not available: not part of this version",
        "SCALAR: for ops that the others lack: plain Java loops, one thread", "chosen: automatically",
        "tier: avx2 (CPU)", "threads: 1, the caller alone"), lines.subList(0, 7));
    assertTrue(lines.get(7).startsWith("Java: " + Runtime.version()), lines.get(7));
    Module module = Engines.class.getModule();
    assertEquals(module.isNativeAccessEnabled() ? 8 : 9, lines.size());
    dispatch.close();
  }

  @Test
  void twoOctetsWithDifferentEnginesLiveSideBySide() {
    Providers providers = providers(new Fake(NATIVE), new Fake(ONEDNN));
    Dispatch first = Engines.open(asking(NATIVE), providers, PLAIN);
    Dispatch second = Engines.open(asking(ONEDNN), providers, PLAIN);
    assertSame(NATIVE, chosen(first));
    assertSame(ONEDNN, chosen(second));
    first.close();
    assertThrows(IllegalStateException.class, () -> chosen(first));
    assertSame(ONEDNN, chosen(second));
    second.close();
  }

  /** A backend sees the Octet's workers and tier, and nothing is started for it. */
  @Test
  void openingStartsNoWorker() {
    long before = workerThreads();
    EngineProvider provider = new EngineProvider() {
      @Override
      public Engine engine() {
        return NATIVE;
      }

      @Override
      public Backend open(BackendContext context) {
        return new Fake(NATIVE);
      }
    };
    Dispatch dispatch = Engines.open(new Settings(null, "", null, 8, null), providers(provider), PLAIN);
    assertEquals(before, workerThreads());
    dispatch.close();
  }

  private static long workerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().matches("octet-\\d+-worker-\\d+"))
        .count();
  }
}

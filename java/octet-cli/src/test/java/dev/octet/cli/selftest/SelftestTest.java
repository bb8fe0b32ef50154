package dev.octet.cli.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Shape;
import dev.octet.cli.selftest.Selftest.Choice;
import dev.octet.op.Op;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A selftest that finds nothing wrong must be one that would have found it. */
class SelftestTest {
  private static final long SEED = 7;
  /** It packs no file, and has no transposed convolution and none of volumes. */
  private static final Set<TestedOp> NOT_ON_VECTOR = EnumSet.of(TestedOp.PACKED_WEIGHTS,
      TestedOp.CONV_TRANSPOSE2D, TestedOp.CONV3D);

  /** Some cases on VECTOR, which runs everywhere. */
  private static Choice some(int cases, int only, TestedOp... ops) {
    return new Choice(SEED, 1, cases, only, Engine.VECTOR, "plain",
        Arrays.stream(ops).map(TestedOp::title).toList());
  }

  private static Report.Op op(Report report) {
    return report.engines().getFirst().ops().getFirst();
  }

  private static Stream<Class<?>> ops(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(SelftestTest::ops)
        : Stream.of(type);
  }

  @Test
  void everyOpIsTested() {
    Set<Class<?>> tested = Arrays.stream(TestedOp.values()).map(TestedOp::type).collect(Collectors.toSet());
    List<Class<?>> ops = ops(Op.class).toList();
    assertTrue(ops.size() >= 15, ops.toString());
    for (Class<?> op : ops) {
      assertTrue(Modifier.isFinal(op.getModifiers()), op.toString());
      assertTrue(tested.contains(op), op + " has no selftest: give it an OpCase and enter it in TestedOp");
    }
  }

  @ParameterizedTest
  @EnumSource(TestedOp.class)
  void vectorIsRight(TestedOp op) {
    Report report = new Selftest(BrokenEngine.jvm(Tester.AS_IT_IS)).run(some(12, -1, op), target -> {
    });
    assertEquals(List.of(), report.failures());
    assertTrue(report.good());
    assertEquals(12, op(report).cases() + op(report).notOffered());
    assertEquals(NOT_ON_VECTOR.contains(op) ? 0 : 12, op(report).cases(), "not on VECTOR: " + NOT_ON_VECTOR);
  }

  /** As files have them for pruned channels; activations have none. */
  @ParameterizedTest
  @EnumSource(TestedOp.class)
  void someScalesOfWeightsAre0(TestedOp op) {
    List<Integer> pruned = IntStream.range(0, 400)
        .filter(i -> op.random(op.dice(SEED, i)).toString().contains(Weights.PRUNED)).boxed().toList();
    switch (op) {
      case MATMUL, DYNAMIC_MATMUL, WEIGHT_ONLY_MATMUL, PACKED_WEIGHTS, CONV2D, DYNAMIC_CONV2D,
          CONV_TRANSPOSE2D, CONV3D, REQUANTIZE,
          DEQUANTIZE -> {
        assertTrue(pruned.size() > 12 && pruned.size() < 80, pruned.toString());
        for (int index : pruned.subList(0, 6)) {
          Report report = new Selftest(BrokenEngine.jvm(Tester.AS_IT_IS)).run(some(0, index, op), target -> {
          });
          assertEquals(List.of(), report.failures(), "case " + index);
        }
      }
      default -> assertEquals(List.of(), pruned);
    }
  }

  @ParameterizedTest
  @EnumSource(value = TestedOp.class, mode = EnumSource.Mode.EXCLUDE, names = {"PACKED_WEIGHTS",
      "CONV_TRANSPOSE2D", "CONV3D"})
  void oneWrongBitIsFound(TestedOp op) {
    Report report = BrokenEngine.selftest().run(some(6, -1, op), target -> {
    });
    assertFalse(report.good());
    assertEquals(6, op(report).cases());
    assertTrue(op(report).differences() >= 4, report + ": some cases are of no rows");
    Report.Failure failure = report.failures().getFirst();
    assertEquals(op.title(), failure.op());
    assertFalse(failure.expected().equals(failure.got()), failure.toString());
    assertTrue(failure.repeat().endsWith("--seed 7 --engine vector --tier plain --op " + op.title()
        + " --case " + failure.index()), failure.repeat());

    Report again = BrokenEngine.selftest().run(some(0, failure.index(), op), target -> {
    });
    assertEquals(List.of(failure), again.failures());
  }

  @Test
  void sameSeedSameCasesSameReport() {
    for (TestedOp op : TestedOp.values()) {
      for (int i = 0; i < 50; i++) {
        String text = op.random(op.dice(SEED, i)).toString();
        assertEquals(text, op.random(op.dice(SEED, i)).toString());
        assertFalse(text.contains("\n"), text);
      }
    }
    Selftest selftest = new Selftest(BrokenEngine.jvm(Tester.AS_IT_IS));
    Report first = selftest.run(some(2, -1), target -> {
    });
    assertEquals(TestedOp.values().length, first.engines().getFirst().ops().size());
    assertEquals(first.engines(), selftest.run(some(2, -1), target -> {
    }).engines());
  }

  @Test
  void caseThatEndsTheJvmIsNamedAndTheOthersGoOn() {
    List<List<TestedOp>> tasks = new ArrayList<>();
    Report report = new Selftest((target, task, events) -> {
      tasks.add(task.ops());
      events.accept(new Event.Opened(true, "", "broken kernels"));
      for (TestedOp op : task.ops()) {
        events.accept(new Event.Begins(op, 3));
        if (op == TestedOp.CONV2D) {
          return new Jvm.End(134, List.of("# SIGILL (0x4)"));
        }
        events.accept(new Event.Same("kernel"));
      }
      events.accept(new Event.Done());
      return new Jvm.End(0, List.of());
    }).run(some(1, -1, TestedOp.CONV2D, TestedOp.BINARY), target -> {
    });
    assertEquals(List.of(List.of(TestedOp.CONV2D, TestedOp.BINARY), List.of(TestedOp.BINARY)), tasks);
    assertFalse(report.good());
    Report.Failure failure = report.failures().getFirst();
    assertEquals("Conv2d", failure.op());
    assertEquals(3, failure.index());
    assertEquals("the JVM ended with code 134", failure.where());
    assertEquals(List.of("# SIGILL (0x4)"), failure.words());
    assertTrue(failure.opCase().startsWith("conv2d of "), failure.opCase());
    assertEquals(List.of("Conv2d 1 1", "Binary 1 0"), report.engines().getFirst().ops().stream()
        .map(op -> op.op() + " " + op.cases() + " " + op.differences()).sorted((a, b) -> b.compareTo(a))
        .toList());
  }

  /** What the JVM of a test says first of MatMul on NATIVE. */
  private static List<Event.Begins> begins(int first) {
    List<Event> events = new ArrayList<>();
    new Tester(new Task(Engine.NATIVE, null, List.of(TestedOp.MATMUL), SEED, first, 1, 0), Tester.AS_IT_IS,
        events::add).run();
    assumeTrue(((Event.Opened) events.getFirst()).available(), "NATIVE does not run here");
    return events.stream().filter(Event.Begins.class::isInstance).map(Event.Begins.class::cast).toList();
  }

  @Test
  void everyKernelOfNativeIsHeldToKnownAnswersBeforeRandomCases() {
    List<Event.Begins> begins = begins(0);
    int kernels = begins.size() - 1;
    assertEquals(32, kernels, "types of rows, weights and results, with scales per row and without");
    assertTrue(begins.subList(0, kernels).stream().allMatch(event -> event.index() == Event.KNOWN_ANSWERS));
    assertEquals(0, begins.getLast().index());
    // One case again is that case alone.
    assertEquals(List.of(3), begins(3).stream().map(Event.Begins::index).toList());
    assertTrue(Target.all().stream().allMatch(target -> target.options()
        .contains("-Doctet.native.check=true") == (target.engine() == Engine.NATIVE)));
  }

  @Test
  void everyOpHasForms() {
    Set<TestedOp> ops = EnumSet.noneOf(TestedOp.class);
    List<String> binary = new ArrayList<>();
    for (Forms.Form form : Forms.all()) {
      ops.add(form.tested());
      if (form.tested() == TestedOp.BINARY) {
        binary.add(form.op().toUpperCase(Locale.ROOT));
      }
    }
    assertEquals(EnumSet.complementOf(EnumSet.of(TestedOp.PACKED_WEIGHTS)), ops);
    assertEquals(Arrays.stream(BinaryOp.values()).map(BinaryOp::name).toList(), binary);
  }

  @Test
  void aKernelThatFailsKnownAnswersIsAFailure() {
    Report report = new Selftest((target, task, events) -> {
      events.accept(new Event.Opened(true, "", "broken kernels"));
      events.accept(new Event.Begins(TestedOp.MATMUL, Event.KNOWN_ANSWERS));
      events.accept(new Event.Different("", Difference.other("failed: wrong")));
      events.accept(new Event.Done());
      return new Jvm.End(0, List.of());
    }).run(some(1, -1, TestedOp.MATMUL), target -> {
    });
    assertFalse(report.good());
    Report.Failure failure = report.failures().getFirst();
    assertEquals("MatMul -1 known answers: failed: wrong",
        failure.op() + " " + failure.index() + " " + failure.opCase() + ": " + failure.where());
    assertTrue(failure.repeat().endsWith("--op MatMul --cases 1"), failure.repeat());
  }

  @Test
  void engineThatEndsTheJvmWhenItOpensIsAFailure() {
    Report report = new Selftest((target, task, events) -> new Jvm.End(139, List.of("# SIGSEGV")))
        .run(some(1, -1), target -> {
        });
    assertFalse(report.good());
    assertEquals("the JVM ended with code 139 outside of any case", report.failures().getFirst().where());
    assertEquals(-1, report.failures().getFirst().index());

    Report closing = new Selftest((target, task, events) -> {
      events.accept(new Event.Opened(true, "", "kernels"));
      events.accept(new Event.Done());
      return new Jvm.End(134, List.of());
    }).run(some(1, -1), target -> {
    });
    assertFalse(closing.good(), "all was done, then the JVM died");
  }

  @Test
  void jvmThatDoesNotStartIsHeard() {
    Task task = new Task(Engine.VECTOR, null, List.of(TestedOp.BINARY), 1, 0, 1, 0);
    Jvm.End end = new ChildJvm().run(
        new Target(Engine.VECTOR, "none", null, List.of("-XX:+NoSuchFlag")), task, event -> {
          throw new AssertionError(event);
        });
    assertEquals(1, end.code());
    assertTrue(String.join(" ", end.words()).contains("NoSuchFlag"), end.words().toString());
  }

  @Test
  void nothingTestedIsNotGood() {
    Report report = new Selftest((target, task, events) -> {
      events.accept(new Event.Opened(false, "", "no such CPU"));
      events.accept(new Event.Done());
      return new Jvm.End(0, List.of());
    }).run(some(1, -1), target -> {
    });
    assertFalse(report.good());
    assertEquals(List.of(), report.failures());
    assertEquals("no such CPU", report.engines().getFirst().detail());
    assertThrows(IllegalArgumentException.class,
        () -> new Selftest().run(new Choice(1, 1, 1, -1, Engine.ONEDNN, "avx2", List.of()), target -> {
        }));
  }

  @Test
  void timeIsSharedByOps() {
    Turns turns = new Turns(new Task(Engine.VECTOR, null, List.of(TestedOp.BINARY, TestedOp.CONV2D), 1, 5, 0,
        Long.MAX_VALUE / 4));
    assertEquals(TestedOp.BINARY, turns.next());
    assertEquals(5, turns.index(TestedOp.BINARY));
    assertEquals(TestedOp.CONV2D, turns.next());
    for (int i = 0; i < 50; i++) {
      assertNotNull(turns.next());
    }
    Turns refused = new Turns(new Task(Engine.VECTOR, null, List.of(TestedOp.BINARY), 1, 0, 0,
        Long.MAX_VALUE / 4));
    int cases = 0;
    while (refused.next() != null) {
      refused.index(TestedOp.BINARY);
      refused.refused(TestedOp.BINARY);
      cases++;
    }
    assertEquals(20, cases, "an op of which nothing is offered gets no more time");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0})
  void writesBeyondAResultAreSeen(int beyond) {
    try (Arena arena = Arena.ofConfined()) {
      for (int seed = 0;; seed++) {
        Memory memory = new Memory(arena, new Dice(seed, "", 0));
        Output y = memory.result("y", DataType.U8, Shape.of(10));
        assertNull(memory.overrun());
        if (y.data().isNative()) {
          MemorySegment.ofAddress(y.data().address() + (beyond < 0 ? -1 : 10)).reinterpret(1)
              .set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
          assertEquals("memory " + (beyond < 0 ? "before" : "behind") + " y was written to",
              memory.overrun());
          return;
        }
      }
    }
  }

  @Test
  void eventsTravelAsLines() {
    for (Event event : List.of(new Event.Opened(true, "avx2", "a \"b\"\nc"),
        new Event.Begins(TestedOp.MATMUL, 17),
        new Event.Same("k"), new Event.NotOffered("no"), new Event.Done(),
        new Event.Different("k", new Difference("y[1, 2]", "3", "4", 5)))) {
      assertFalse(Wire.line(event).contains("\n"));
      assertEquals(event, Wire.event(Wire.line(event)));
    }
    assertNull(Wire.event("# A fatal error has been detected"));
    Task task = new Task(Engine.NATIVE, Isa.AVX2, List.of(TestedOp.BINARY), 1, 2, 3, 4);
    assertEquals(task, Wire.task(Wire.task(task)));
  }
}

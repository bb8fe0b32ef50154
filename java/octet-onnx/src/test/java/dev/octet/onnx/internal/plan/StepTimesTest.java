package dev.octet.onnx.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Step;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepTimesTest {
  private static Node node(String name) {
    return new Node(name, null, List.of(), List.of(), List.of());
  }

  @Test
  void mediansAreOfARunAndOfEachStep() {
    // Readings in nanoseconds: start of the run, start and end of step a, of step b, end of the run.
    Iterator<Long> readings = List.of(
        0L, 1_000L, 4_000L, 4_000L, 5_000L, 9_000L,
        10_000L, 10_000L, 40_000L, 50_000L, 52_000L, 60_000L,
        70_000L, 71_000L, 72_000L, 72_000L, 75_000L, 75_000L).iterator();
    StepTimes times = new StepTimes(3, readings::next);
    List<String> ran = new ArrayList<>();
    Node a = node("a");
    Node b = node("b");
    Step first = times.timed(a, (in, out, scratch) -> ran.add("a"));
    Step second = times.timed(b, (in, out, scratch) -> ran.add("b"));
    times.measure(() -> {
      first.run(null, null, null);
      second.run(null, null, null);
    });
    assertEquals(List.of("a", "b", "a", "b", "a", "b"), ran);
    assertEquals(9, times.runMicros(), 1e-9, "of 9, 50 and 5");
    assertEquals(3, times.micros(a), 1e-9, "of 3, 30 and 1");
    assertEquals(2, times.micros(b), 1e-9, "of 1, 2 and 3");
    assertEquals(0, times.micros(node("c")), "no step");
  }
}

package dev.octet.harness.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.harness.report.Spread;
import dev.octet.harness.shape.BenchCase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final Floors FLOORS = new Floors(
      List.of(floor(1, "8x64x96", 0.5), floor(2, "9x64x96", 0.6)));

  private final List<String> said = new ArrayList<>();
  private final Deque<Gate.Measured> shares = new ArrayDeque<>();
  private final List<String> measured = new ArrayList<>();
  private boolean required;

  private static Floors.Floor floor(int line, String shape, double share) {
    return new Floors.Floor("some.txt:" + line, BenchCase.of("octet-native", "matmul", shape, "u8s8s32", 1),
        share);
  }

  private void comes(double... medians) {
    for (double median : medians) {
      shares.add(Gate.Measured.of(new Spread(median - 0.01, median, median + 0.01)));
    }
  }

  private List<String> failures(boolean binding) {
    List<String> failures = new Gate(benchCase -> {
      measured.add(benchCase.shape().toString());
      return shares.remove();
    }, required, said::add).failures(FLOORS, binding);
    assertEquals(0, shares.size(), "measured too seldom");
    assertEquals(measured.size(), said.size());
    return failures;
  }

  @Test
  void atTheFloorARowPasses() {
    comes(0.5, 0.9);
    assertEquals(List.of(), failures(true));
    assertEquals(List.of(
        "matmul 8x64x96 u8s8s32                        0.500 [0.490 0.510]             floor 0.50",
        "matmul 9x64x96 u8s8s32                        0.900 [0.890 0.910]             floor 0.60"), said);
  }

  @Test
  void aRowIsRetriedTwice() {
    comes(0.4, 0.45, 0.55, 0.7);
    assertEquals(List.of(), failures(true));
    assertEquals(List.of("8x64x96", "8x64x96", "8x64x96", "9x64x96"), measured);
    assertEquals(
        "matmul 8x64x96 u8s8s32                        0.450 [0.440 0.460]             floor 0.50  BELOW",
        said.get(1));
  }

  @Test
  void thenItFailsAndTheOthersAreMeasuredAllTheSame() {
    comes(0.4, 0.4, 0.45, 0.5, 0.5, 0.59);
    assertEquals(List.of(
        "some.txt:1: matmul 8x64x96 u8s8s32: 0.450 [0.440 0.460] of the limit, expected 0.50 at least, 3 times",
        "some.txt:2: matmul 9x64x96 u8s8s32: 0.590 [0.580 0.600] of the limit, expected 0.60 at least, 3 times"),
        failures(true));
  }

  @Test
  void withoutFloorsOfThisCpuEverythingPassesOnce() {
    comes(0.1, 0.2);
    assertEquals(List.of(), failures(false));
    assertEquals("matmul 8x64x96 u8s8s32                        0.100 [0.090 0.110] UNSTEADY",
        said.getFirst());
  }

  /** A gate that passes because it saw nothing is none. */
  @Test
  void whatWasNotMeasuredFailsWhereItIsRequired() {
    shares.add(Gate.Measured.nothing("bench-loops was not built"));
    comes(0.7);
    required = true;
    assertEquals(
        List.of("some.txt:1: matmul 8x64x96 u8s8s32: not measured: bench-loops was not built"),
        failures(true));
    assertEquals("matmul 8x64x96 u8s8s32                        not measured: bench-loops was not built",
        said.getFirst());
  }

  @Test
  void whatWasNotMeasuredIsSaidElsewhere() {
    for (boolean binding : new boolean[]{true, false}) {
      required = !binding;
      measured.clear();
      said.clear();
      shares.add(Gate.Measured.nothing("bench-loops was not built"));
      comes(0.7);
      assertEquals(List.of(), failures(binding));
      assertEquals("matmul 8x64x96 u8s8s32                        not measured: bench-loops was not built",
          said.getFirst());
    }
  }

  /** That is no fault of the machine. */
  @Test
  void whatDidNotRunFailsEverywhere() {
    shares.add(Gate.Measured.broken("octet-native: no such kernel"));
    comes(0.7);
    assertEquals(
        List.of("some.txt:1: matmul 8x64x96 u8s8s32: not measured: octet-native: no such kernel"),
        failures(true));
  }
}

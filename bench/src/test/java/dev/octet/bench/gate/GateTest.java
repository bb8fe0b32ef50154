package dev.octet.bench.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.bench.report.Spread;
import dev.octet.bench.shape.BenchCase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final Floors FLOORS = new Floors(List.of(floor("8x64x96", 0.5), floor("9x64x96", 0.6)));

  private final List<String> said = new ArrayList<>();
  private final Deque<Optional<Spread>> shares = new ArrayDeque<>();
  private final List<String> measured = new ArrayList<>();

  private static Floors.Floor floor(String shape, double share) {
    return new Floors.Floor(BenchCase.of("octet-native", "matmul", shape, "u8s8s32", 1), share);
  }

  private void comes(double... medians) {
    for (double median : medians) {
      shares.add(Optional.of(new Spread(median - 0.01, median, median + 0.01)));
    }
  }

  private List<String> failures(boolean binding) {
    List<String> failures = new Gate(benchCase -> {
      measured.add(benchCase.shape().toString());
      return shares.remove();
    }, said::add).failures(FLOORS, binding);
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
        "matmul 8x64x96 u8s8s32: 0.450 [0.440 0.460] of the limit, expected 0.50 at least, 3 times",
        "matmul 9x64x96 u8s8s32: 0.590 [0.580 0.600] of the limit, expected 0.60 at least, 3 times"),
        failures(true));
  }

  @Test
  void withoutFloorsOfThisCpuEverythingPassesOnce() {
    comes(0.1, 0.2);
    assertEquals(List.of(), failures(false));
    assertEquals("matmul 8x64x96 u8s8s32                        0.100 [0.090 0.110] UNSTEADY",
        said.getFirst());
  }

  @Test
  void withoutALimitARowPasses() {
    shares.add(Optional.empty());
    comes(0.7);
    assertEquals(List.of(), failures(true));
    assertEquals("matmul 8x64x96 u8s8s32                        no limit was measured           floor 0.50",
        said.getFirst());
  }
}

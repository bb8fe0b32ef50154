package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.shape.BenchCase;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final int ROUNDS = 101;

  private final Random random = new Random(16);

  private double[] around(double mean, double deviation) {
    double[] values = new double[ROUNDS];
    Arrays.setAll(values, i -> mean * (1 + deviation * random.nextGaussian()));
    return values;
  }

  private static RoundTimes times(String peer, String shape, int threads, double[] micros) {
    return new RoundTimes(BenchCase.of(peer, "matmul", shape, "u8s8s32", threads), "k", micros);
  }

  private static RoundsFile file(String key, RoundTimes... rows) {
    return new RoundsFile(List.of(), key, List.of(rows));
  }

  /** Values computed apart, with another error function. */
  @Test
  void chanceOfRanks() {
    assertEquals(0.0808556, Comparison.chance(new double[]{1, 2, 3}, new double[]{4, 5, 6}), 1e-6);
    assertEquals(0.5958831, Comparison.chance(new double[]{1, 4, 5}, new double[]{2, 3, 6, 7}), 1e-6);
    assertEquals(0.2310455,
        Comparison.chance(new double[]{1, 2, 2, 3, 9}, new double[]{2, 4, 5, 6, 7, 8}), 1e-6);
    assertEquals(1, Comparison.chance(new double[]{1, 1, 1}, new double[]{1, 1}));
    double[] sample = around(1, 0.05);
    assertEquals(1, Comparison.chance(sample, sample));
  }

  @Test
  void whatIsSlowerOnADriftingMachineIsToldFromTheDrift() {
    double[] fast = around(100, 0.02);
    double[] slow = around(200, 0.02);
    RoundsFile before = file("a", times("limit", "8x64x96", 1, fast),
        times("octet-native", "8x64x96", 1, scaled(fast, 1.05)), times("ort", "8x64x96", 1, scaled(fast, 2)));
    RoundsFile after = file("a", times("limit", "8x64x96", 1, slow),
        times("octet-native", "8x64x96", 1, scaled(slow, 1.25)), times("ort", "8x64x96", 1, scaled(slow, 2)));
    List<Comparison.Row> rows = Comparison.of(before, after);
    assertEquals(2, rows.size());
    assertTrue(rows.getFirst().changed());
    assertEquals(1.05 / 1.25, rows.getFirst().faster(), 0.01);
    assertTrue(rows.getFirst().toString().endsWith("SLOWER"), rows.getFirst().toString());
    assertFalse(rows.getLast().changed(), rows.getLast().toString());
    assertTrue(Comparison.of(after, before).getFirst().toString().endsWith("FASTER"));
  }

  private double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(value -> value * factor * (1 + 0.01 * random.nextGaussian())).toArray();
  }

  @Test
  void aSureDifferenceThatRunsMakeAnywayIsNone() {
    double[] limit = around(100, 0.001);
    RoundsFile before = file("a", times("limit", "8x64x96", 1, limit),
        times("ort", "8x64x96", 1, around(200, 0.001)));
    RoundsFile after = file("a", times("limit", "8x64x96", 1, limit),
        times("ort", "8x64x96", 1, around(204, 0.001)));
    Comparison.Row row = Comparison.of(before, after).getFirst();
    assertTrue(row.chance() < 1e-9, row.toString());
    assertFalse(row.changed(), row.toString());
  }

  @Test
  void aLargeDifferenceThatChanceMakesIsNone() {
    Comparison.Row row = Comparison.of(
        file("a", times("ort", "8x64x96", 2, new double[]{100, 101, 102})),
        file("a", times("ort", "8x64x96", 2, new double[]{150, 151, 152}))).getFirst();
    assertEquals(101.0 / 151, row.faster(), 1e-12);
    assertFalse(row.changed(), row.toString());
  }

  @Test
  void onlyRowsOfBothAndOfOneMachine() {
    RoundsFile one = file("a", times("ort", "8x64x96", 1, new double[]{1}));
    assertEquals(List.of(), Comparison.of(one, file("a", times("ort", "9x64x96", 1, new double[]{1}))));
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> Comparison.of(one, file("b")));
    assertEquals("not comparable: one run is of a, the other one of b", e.getMessage());
  }

  @Test
  void runsThatDoNotSayWhereTheyAreFromAreNotCompared() {
    RoundsFile unknown = file("", times("ort", "8x64x96", 1, new double[]{1}));
    assertThrows(IllegalArgumentException.class, () -> Comparison.of(unknown, unknown));
  }

  @Test
  void rowsThatOneRunLacksAreCounted() {
    double[] one = {1};
    RoundsFile before = file("a", times("limit", "8x64x96", 1, one), times("ort", "8x64x96", 1, one),
        times("octet-native", "8x64x96", 1, one));
    RoundsFile after = file("a", times("octet-native", "8x64x96", 1, one));
    assertEquals(1, Comparison.lacks(before, after));
    assertEquals(0, Comparison.lacks(after, before));
  }

  /** With 5 rounds in each run the least chance is 0.012, with 9 it is 0.0004. */
  @Test
  void tooFewRoundsAreSaid() {
    for (int rounds : new int[]{5, 9}) {
      double[] slow = Arrays.copyOf(around(1000, 0.01), rounds);
      double[] fast = Arrays.copyOf(around(1, 0.01), rounds);
      RoundsFile before = file("a", times("ort", "8x64x96", 1, slow));
      RoundsFile after = new RoundsFile(List.of("QUICK: few rounds"), "a",
          List.of(times("ort", "8x64x96", 1, fast)));
      Comparison.Row row = Comparison.of(before, after).getFirst();
      List<String> lines = Comparison.lines("old.csv", before, after);
      assertEquals("The later run was a quick one: what has changed is worth measuring again",
          lines.getLast());
      if (rounds == 5) {
        assertFalse(row.changed() || row.tellable(), row.toString());
        assertTrue(row.toString().endsWith("  TOO FEW ROUNDS"), row.toString());
        assertEquals("0 of 1 rows have changed; not compared: 0 rows of the earlier run and 0 of this one",
            lines.get(2));
        assertEquals("1 rows have too few rounds for p below 0.001, whatever they show: 9 in both runs do",
            lines.get(3));
      } else {
        assertTrue(row.changed() && row.tellable(), row.toString());
        assertEquals(4, lines.size(), lines.toString());
      }
    }
  }
}

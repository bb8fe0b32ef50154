package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void ofRatiosByRoundNotOfMedians() {
    // The machine is three times slower in the last rounds, for both.
    double[] one = {10, 10, 10, 30, 30};
    double[] other = {20, 20, 20, 60, 60};
    assertEquals(new Spread(2, 2, 2), Spread.of(one, other));
    double[] micros = new double[11];
    Arrays.fill(micros, 2);
    double[] limit = {1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0};
    Spread spread = Spread.of(micros, limit);
    assertEquals(0.55, spread.p10(), 1e-12);
    assertEquals(0.75, spread.median(), 1e-12);
    assertEquals(0.95, spread.p90(), 1e-12);
    assertEquals("0.750 [0.550 0.950] UNSTEADY", spread.toString());
  }

  @Test
  void unsteadyAboveATenth() {
    assertFalse(new Spread(0.95, 1, 1.04).unsteady());
    assertTrue(new Spread(0.95, 1, 1.06).unsteady());
    assertTrue(new Spread(Double.NaN, Double.NaN, Double.NaN).unsteady());
    assertEquals("0.950 [0.940 0.960]", new Spread(0.94, 0.95, 0.96).toString());
  }

  @Test
  void roundsHaveToBeTheSame() {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> Spread.of(new double[2], new double[3]));
    assertEquals("expected times of the same rounds, got 2 and 3", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Spread.of(new double[0], new double[0]));
  }
}

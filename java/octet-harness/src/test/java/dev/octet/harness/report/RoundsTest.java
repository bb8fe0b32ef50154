package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RoundsTest {
  @Test
  void turnsByAClock() {
    AtomicLong nanos = new AtomicLong();
    Runnable fast = () -> nanos.addAndGet(2_000);
    Runnable slow = () -> nanos.addAndGet(5_000);
    Rounds rounds = Rounds.run(List.of(fast, slow), 0, 7, 60, nanos::get);
    assertEquals(7, rounds.count());
    assertEquals(2, rounds.medianMicros(0), 1e-9);
    assertEquals(5, rounds.medianMicros(1), 1e-9);
    assertEquals(2.5, rounds.ratio(0, 1, 0.5), 1e-9);
    // Warm-up, then in each round one that is not counted and one that is.
    assertEquals((1 + 2 * 7) * 7_000, nanos.get());
  }

  @Test
  void timesOfACall() {
    AtomicLong nanos = new AtomicLong();
    Rounds rounds = Rounds.run(List.of(() -> nanos.addAndGet(2_000), () -> nanos.addAndGet(6_000)), 0, 3, 60,
        nanos::get).perCall(new long[]{4, 2});
    assertArrayEquals(new double[]{0.5, 0.5, 0.5}, rounds.micros(0));
    assertEquals(new Spread(6, 6, 6), Spread.of(rounds.micros(0), rounds.micros(1)));
  }

  @Test
  void threeRoundsAtLeast() {
    AtomicLong nanos = new AtomicLong();
    assertEquals(3, Rounds.run(List.of(nanos::incrementAndGet), 0, 9, 0, nanos::get).count());
    assertEquals(5, Rounds.run(List.of(nanos::incrementAndGet), 0, 5, 9, 0, nanos::get).count());
  }

  @Test
  void ratiosOfRounds() {
    AtomicLong nanos = new AtomicLong();
    AtomicLong last = new AtomicLong(1_000);
    Rounds rounds = Rounds.run(
        List.of(() -> nanos.addAndGet(1_000), () -> nanos.addAndGet(last.addAndGet(1_000))), 0, 3, 60,
        nanos::get);
    // A run of the warm-up, and in each round one that is not counted.
    assertArrayEquals(new double[]{4, 6, 8}, rounds.ratios(0, 1));
  }

  /** Ratios to it would be infinite. */
  @Test
  void aTurnThatTakesNoTimeIsRefused() {
    AtomicLong nanos = new AtomicLong();
    Runnable nothing = () -> {
    };
    assertEquals("contestant 2 of 2: a turn took 0 ns by the clock: it has to be of more calls",
        assertThrows(IllegalStateException.class,
            () -> Rounds.run(List.of(nanos::incrementAndGet, nothing), 0, 3, 60, nanos::get)).getMessage());
  }
}

package dev.octet.harness.turns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.report.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class TurnsTest {
  @Test
  void turnsAlternateAndTimesAreOfACall() {
    StringBuilder order = new StringBuilder();
    List<Long> calls = new ArrayList<>();
    LongConsumer shorter = times -> {
      order.append('a');
      calls.add(times);
      work(10_000 * times);
    };
    LongConsumer longer = times -> {
      order.append('b');
      work(400_000_000 * times);
    };
    Rounds rounds = Turns.time(List.of(shorter, longer), new Effort(0, 4, 60), 1);
    assertEquals(4, rounds.count());
    assertTrue(order.toString().matches("a+b+ab(aabb){4}"), order.toString());
    // A short call is made often in a turn, always equally often, a long one once.
    long often = calls.getLast();
    assertTrue(often > 1, calls.toString());
    assertEquals(List.of(often, often, often, often, often, often, often, often),
        calls.subList(calls.size() - 8, calls.size()));
    assertTrue(rounds.medianMicros(0) * 100 < rounds.medianMicros(1), "times are not of a call");
  }

  /** It would be told to run ever more often, for ever. */
  @Test
  void whoTakesNoTimeIsTold() {
    assertEquals(
        "contestant: 8589934592 runs took less than a millisecond; does it run as often as it is told?",
        assertThrows(IllegalArgumentException.class, () -> Turns.calls(times -> {
        }, 0, () -> 0)).getMessage());
  }

  /** A turn of a millisecond would take 0 or 15 of them by it. */
  @Test
  void aClockOfTicksIsTold() {
    AtomicLong readings = new AtomicLong();
    assertTrue(Turns.isFine(() -> 200 * readings.incrementAndGet()));
    assertFalse(Turns.isFine(() -> readings.incrementAndGet() / 50 * 15_625_000));
    assertFalse(Turns.isFine(() -> 0));
  }

  private static volatile long sink;

  static void work(long steps) {
    long sum = sink;
    for (long i = 0; i < steps / 100; i++) {
      sum += sum * 31 + i;
    }
    sink = sum;
  }
}

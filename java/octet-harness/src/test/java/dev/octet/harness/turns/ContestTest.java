package dev.octet.harness.turns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.shape.BenchCase;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContestTest {
  private static final BenchCase WORK = BenchCase.of("mine", "matmul", "4x64x96", "u8s8s32", 1);

  private static void work(long times) {
    TurnsTest.work(10_000 * times);
  }

  @Test
  void nobodyTakesPartTwiceAndTheLastIsClosedFirst() {
    StringBuilder closed = new StringBuilder();
    try (Contest contest = new Contest()) {
      contest.closeLater(() -> closed.append('a'));
      contest.closeLater(() -> closed.append('b'));
      contest.add(WORK, "k", times -> {
      });
      assertEquals("contestant: mine matmul 4x64x96 u8s8s32 1 thread is there already",
          assertThrows(IllegalArgumentException.class, () -> contest.add(WORK, "k", times -> {
          })).getMessage());
    }
    assertEquals("ba", closed.toString());
  }

  @Test
  void timesAreInTheOrderOfThoseWhoWereAdded() {
    try (Contest contest = new Contest()) {
      assertEquals(List.of(), contest.time(new Effort(0, 3, 0)));
      contest.add(WORK, "a", ContestTest::work);
      contest.add(BenchCase.of("theirs", "matmul", "4x64x96", "u8s8s32", 1), "b", ContestTest::work);
      List<RoundTimes> times = contest.time(new Effort(0, 5, 5, 0));
      assertEquals(List.of("a", "b"), times.stream().map(RoundTimes::kernel).toList());
      assertEquals(List.of(5, 5), times.stream().map(row -> row.micros().length).toList());
    }
  }

  @Test
  void roundsThatAreNoneAreRefused() {
    for (int[] rounds : new int[][]{{0, 3}, {4, 3}}) {
      assertEquals("rounds: expected 1 or more, and no fewer at most than at least, got " + rounds[0] + " to "
          + rounds[1],
          assertThrows(IllegalArgumentException.class, () -> new Effort(0, rounds[0], rounds[1], 1))
              .getMessage());
    }
  }
}

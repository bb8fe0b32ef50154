package dev.octet.internal.vector.simd;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When loops are taken for compiled. */
class WarmUpTest {
  private static void spin(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  /** Rounds of which the first ones are slow, and some of the others; tells when it is over. */
  private static final class Some implements WarmUp.Rounds {
    final CountDownLatch closed = new CountDownLatch(1);
    private volatile int slowEvery;

    Some(int slowEvery) {
      this.slowEvery = slowEvery;
    }

    @Override
    public void run(int number) {
      if (number < 100 || number % slowEvery == 0) {
        spin(50_000);
      }
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  /**
   * A timer that interrupts every 300th round: there are never a thousand quick ones in a row. Found by a
   * first call that took 60 s, and plain loops ever after.
   */
  @Test
  void aSlowRoundNowAndThenIsNoInterpretedOne() throws InterruptedException {
    Some rounds = new Some(300);
    WarmUp warmUp = new WarmUp(() -> rounds);
    warmUp.isOver();
    assertTrue(rounds.closed.await(50, TimeUnit.SECONDS), "still not taken for compiled");
    assertTrue(warmUp.isOver());
  }

  /** As long as every fifth round is slow, some loop is not compiled. */
  @Test
  void manySlowRoundsAre() throws InterruptedException {
    Some rounds = new Some(5);
    WarmUp warmUp = new WarmUp(() -> rounds);
    Thread asks = Thread.ofPlatform().daemon().start(warmUp::isOver);
    assertFalse(rounds.closed.await(300, TimeUnit.MILLISECONDS));
    rounds.slowEvery = Integer.MAX_VALUE;
    assertTrue(rounds.closed.await(50, TimeUnit.SECONDS), "not over when all are quick");
    asks.join();
    assertTrue(warmUp.isOver());
  }
}

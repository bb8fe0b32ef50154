package dev.octet.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Closed while in use: the last one out frees, once. */
class LifetimeTest {
  @Test
  void freesAtOnceWhenIdle() {
    AtomicInteger freed = new AtomicInteger();
    Lifetime lifetime = new Lifetime("this thing", freed::incrementAndGet);
    lifetime.exit(lifetime.enter());
    assertEquals(0, freed.get());
    lifetime.close();
    assertEquals(1, freed.get());
    lifetime.close();
    assertEquals(1, freed.get());
    assertEquals("this thing is closed",
        assertThrows(IllegalStateException.class, lifetime::enter).getMessage());
    assertEquals(1, freed.get());
  }

  @Test
  void freesWithTheLastRun() {
    AtomicInteger freed = new AtomicInteger();
    Lifetime lifetime = new Lifetime("this thing", freed::incrementAndGet);
    int first = lifetime.enter();
    int second = lifetime.enter();
    assertFalse(lifetime.isClosed());
    lifetime.close();
    assertTrue(lifetime.isClosed());
    assertThrows(IllegalStateException.class, lifetime::enter);
    lifetime.exit(first);
    assertEquals(0, freed.get());
    lifetime.exit(second);
    assertEquals(1, freed.get());
  }

  @Test
  void manyThreadsAndOneClose() throws Exception {
    for (int repeat = 0; repeat < 100; repeat++) {
      AtomicInteger freed = new AtomicInteger();
      AtomicBoolean usedAfterFree = new AtomicBoolean();
      Lifetime lifetime = new Lifetime("this thing", freed::incrementAndGet);
      CyclicBarrier start = new CyclicBarrier(9);
      Thread[] users = new Thread[8];
      for (int i = 0; i < users.length; i++) {
        users[i] = new Thread(() -> {
          try {
            start.await();
            for (;;) {
              int ticket = lifetime.enter();
              if (freed.get() != 0) {
                usedAfterFree.set(true);
              }
              lifetime.exit(ticket);
            }
          } catch (IllegalStateException e) {
            // Closed: this is how it ends.
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
        users[i].start();
      }
      start.await();
      if (repeat % 2 == 0) {
        Thread.onSpinWait();
      }
      lifetime.close();
      for (Thread user : users) {
        user.join();
      }
      assertFalse(usedAfterFree.get());
      assertEquals(1, freed.get());
    }
  }
}

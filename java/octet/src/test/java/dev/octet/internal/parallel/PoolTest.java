package dev.octet.internal.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A pool lends a state to one caller at a time, keeps it for the next, and keeps no more than its slots. */
class PoolTest {
  @Test
  void keepsWhatComesBack() {
    Pool<Object> pool = new Pool<>(Object::new);
    Object first = pool.take();
    Object second = pool.take();
    assertNotSame(first, second);
    pool.give(first);
    assertSame(first, pool.take());
  }

  @Test
  void isBounded() {
    AtomicInteger made = new AtomicInteger();
    Set<Object> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    Pool<Object> pool = new Pool<>(() -> {
      made.incrementAndGet();
      return new Object();
    });
    for (int i = 0; i < 10_000; i++) {
      kept.add(pool.take());
    }
    kept.forEach(pool::give);
    made.set(0);
    for (int i = 0; i < 10_000; i++) {
      pool.take();
    }
    assertTrue(made.get() >= 10_000 - 256, "only " + made.get() + " were made anew");
    assertTrue(made.get() < 10_000, "none was kept");
  }

  @Test
  void lendsToOneAtATime() throws Exception {
    AtomicInteger made = new AtomicInteger();
    Pool<AtomicInteger> pool = new Pool<>(() -> {
      made.incrementAndGet();
      return new AtomicInteger();
    });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 16; t++) {
        all.add(threads.submit(() -> {
          for (int i = 0; i < 5_000; i++) {
            AtomicInteger users = pool.take();
            assertEquals(1, users.incrementAndGet());
            Thread.onSpinWait();
            assertEquals(0, users.decrementAndGet());
            pool.give(users);
          }
        }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertTrue(made.get() < 16 * 5_000 / 10, "of 80,000 uses " + made.get() + " made a state anew");
  }
}

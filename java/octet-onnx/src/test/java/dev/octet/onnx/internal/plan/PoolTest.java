package dev.octet.onnx.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PoolTest {
  private final AtomicInteger made = new AtomicInteger();
  private final Pool<Object> pool = new Pool<>(() -> {
    made.incrementAndGet();
    return new Object();
  });

  private void atOnce(int count) {
    List<Object> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(pool.take());
    }
    taken.forEach(pool::give);
  }

  @Test
  void theOneThatWasGivenLastIsTaken() {
    Object first = pool.take();
    Object second = pool.take();
    pool.give(first);
    pool.give(second);
    assertSame(second, pool.take());
    assertSame(first, pool.take());
    assertEquals(2, made.get());
  }

  @Test
  void whatABurstLeavesIsLetGo() {
    atOnce(9);
    for (int i = 0; i < 2 * Pool.PATIENCE; i++) {
      atOnce(1);
    }
    assertEquals(9, made.get());
    atOnce(9);
    assertEquals(9 + 8, made.get());
  }

  @Test
  void whatIsUsedAtOnceNowAndThenIsKept() {
    for (int i = 0; i < 20; i++) {
      atOnce(9);
      for (int k = 0; k < Pool.PATIENCE / 2; k++) {
        atOnce(1);
      }
    }
    assertEquals(9, made.get());
  }
}

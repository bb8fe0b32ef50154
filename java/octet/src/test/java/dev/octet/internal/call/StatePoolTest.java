package dev.octet.internal.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** States are lent to one caller at a time. */
class StatePoolTest {
  /** A state that counts how often it was cleared and closed. */
  private static final class Counted extends StatePool.State {
    private int cleared;
    private int closed;

    @Override
    protected void clear() {
      cleared++;
    }

    @Override
    public void close() {
      closed++;
    }
  }

  @Test
  void itLendsAStateToOneCallerAtATimeAndKeepsABoundedNumber() {
    List<Counted> made = new ArrayList<>();
    StatePool<Counted> pool = new StatePool<>(() -> {
      made.add(new Counted());
      return made.getLast();
    });
    Counted alone = pool.take();
    pool.give(alone);
    assertSame(alone, pool.take(), "a thread finds its state again");
    pool.give(alone);
    assertEquals(2, alone.cleared, "cleared whenever it is given back");
    Set<Counted> lent = new HashSet<>();
    for (int i = 0; i < StatePool.capacity() + 3; i++) {
      assertTrue(lent.add(pool.take()), "lent twice");
    }
    lent.forEach(pool::give);
    assertEquals(3, made.stream().filter(state -> state.closed == 1).count(), "more than fit are closed");
    assertTrue(made.stream().allMatch(state -> state.cleared > 0), "those too were cleared");
    pool.close();
    assertTrue(made.stream().allMatch(state -> state.closed == 1), "each is closed once");
  }

  @Test
  void aStateThatCannotBeMadeBlocksNoSlot() {
    boolean[] fail = {true};
    StatePool<Counted> pool = new StatePool<>(() -> {
      if (fail[0]) {
        throw new IllegalStateException("no memory");
      }
      return new Counted();
    });
    for (int i = 0; i < 2 * StatePool.capacity(); i++) {
      assertThrows(IllegalStateException.class, pool::take);
    }
    fail[0] = false;
    Counted state = pool.take();
    pool.give(state);
    assertSame(state, pool.take());
  }
}

package dev.octet.internal.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.Team;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** What every running call goes through. */
class TiledKernelTest {
  private static final int TILES = 100;

  /** One operand. */
  private static final class One extends Call {
    private final Operand x = operand();
  }

  /** Remembers whether it was cleared after its last tile. */
  private static final class State extends StatePool.State {
    private boolean dirty;

    @Override
    protected void clear() {
      dirty = false;
    }
  }

  private static final class Counting extends TiledKernel<One, State> {
    private final AtomicIntegerArray tiles = new AtomicIntegerArray(TILES);
    private final List<One> calls = new ArrayList<>();
    private final List<State> states = new ArrayList<>();
    private int failing = -1;

    Counting(Workers workers) {
      super(workers);
    }

    @Override
    protected One newCall() {
      calls.add(new One());
      return calls.getLast();
    }

    @Override
    protected synchronized State newState() {
      states.add(new State());
      return states.getLast();
    }

    @Override
    protected void tile(One call, State state, int number) {
      state.dirty = true;
      if (number == failing) {
        throw new IllegalStateException("tile " + number);
      }
      assertTrue(call.x.isGiven());
      tiles.incrementAndGet(number);
    }

    private void run(int count) {
      One call = begin();
      try {
        call.x.set(MemorySegment.ofArray(new byte[1]), 1);
        run(call, count);
      } finally {
        end(call);
      }
    }
  }

  @Test
  void everyTileRunsOnceAndTheStatesAreUsedAgain() {
    for (int threads : new int[]{1, 3}) {
      try (Workers workers = threads == 1 ? new CallerOnly() : new Team(threads);
          Counting kernel = new Counting(workers)) {
        for (int count : new int[]{0, 1, 2, TILES}) {
          kernel.run(count);
        }
        for (int tile = 0; tile < TILES; tile++) {
          int expected = tile == 0 ? 3 : tile == 1 ? 2 : 1;
          assertEquals(expected, kernel.tiles.get(tile), threads + " threads, tile " + tile);
        }
        assertEquals(1, kernel.calls.size());
        assertTrue(kernel.states.size() <= threads, kernel.states.size() + " states");
      }
    }
  }

  @Test
  void afterAnExceptionTheCallersOperandsAreForgotten() {
    for (int threads : new int[]{1, 3}) {
      try (Workers workers = threads == 1 ? new CallerOnly() : new Team(threads);
          Counting kernel = new Counting(workers)) {
        kernel.failing = 5;
        assertEquals("tile 5",
            assertThrows(IllegalStateException.class, () -> kernel.run(TILES)).getMessage());
        assertFalse(kernel.calls.getFirst().x.isGiven());
        assertTrue(kernel.states.stream().noneMatch(state -> state.dirty));
        kernel.failing = -1;
        One call = kernel.begin();
        assertSame(kernel.calls.getFirst(), call, "lent again");
        kernel.end(call);
      }
    }
  }
}

package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RoomyThreadTest {
  @Test
  void returnsWhatTheWorkReturns() {
    Thread here = Thread.currentThread();
    assertNotSame(here, RoomyThread.call(Thread::currentThread));
  }

  @Test
  void throwsWhatTheWorkThrows() {
    for (Throwable thrown : new Throwable[]{new IllegalStateException("x"), new UnsatisfiedLinkError("y")}) {
      assertSame(thrown, assertThrows(Throwable.class, () -> RoomyThread.call(() -> {
        if (thrown instanceof Error error) {
          throw error;
        }
        throw (RuntimeException) thrown;
      })));
    }
  }

  @Test
  void anInterruptWaitsForTheEndAndIsKept() {
    Thread.currentThread().interrupt();
    try {
      assertEquals(1, RoomyThread.call(() -> 1));
      assertTrue(Thread.currentThread().isInterrupted(), "the interrupt was swallowed");
    } finally {
      Thread.interrupted();
    }
  }
}

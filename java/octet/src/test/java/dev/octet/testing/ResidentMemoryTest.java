package dev.octet.testing;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The measure must see what it is there for, and nothing else. */
class ResidentMemoryTest {
  private static final long BLOCK = 1 << 17;
  private static final long BOUND = 16 << 20;

  @Test
  void nativeMemoryThatIsNeverFreedIsSeen() {
    try (Arena kept = Arena.ofShared()) {
      AssertionError error = assertThrows(AssertionError.class,
          () -> ResidentMemory.assertBounded(400, BOUND, i -> kept.allocate(BLOCK).fill((byte) i)));
      assertTrue(
          error.getMessage().startsWith("after the first tenth of 400 repetitions resident memory grew by "),
          error.getMessage());
    }
  }

  @Test
  void heapThatIsNeverFreedIsSeen() {
    List<byte[]> kept = new ArrayList<>();
    assertThrows(AssertionError.class,
        () -> ResidentMemory.assertBounded(400, BOUND, i -> kept.add(new byte[(int) BLOCK])));
    assertTrue(kept.size() == 400 + 2 * 360, "kept to the end of three tries");
  }

  @Test
  void whatIsFreedIsNot() throws Exception {
    ResidentMemory.assertBounded(2000, BOUND, i -> {
      try (Arena arena = Arena.ofConfined()) {
        arena.allocate(BLOCK).fill((byte) new byte[(int) BLOCK].length);
      }
    });
  }
}

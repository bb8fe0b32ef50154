package dev.octet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.GuardedArena.Flush;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The guard itself: that it lets everything within a buffer happen, and nothing beside it. */
class GuardedArenaTest {
  private static final int PAGE = 4096;

  /** Touches a byte at an offset of a buffer of 100 bytes, in a child JVM that may die of it. */
  static final class Touch {
    private Touch() {}

    public static void main(String[] args) {
      try (GuardedArena arena = new GuardedArena(Flush.valueOf(args[0]))) {
        MemorySegment buffer = arena.allocate(100);
        long offset = Long.parseLong(args[1]);
        MemorySegment beyond = MemorySegment.ofAddress(buffer.address() + offset).reinterpret(1);
        System.out.println("touching");
        System.out.println("read " + beyond.get(ValueLayout.JAVA_BYTE, 0));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"END, 100, true", "END, 99, false", "END, 0, false", "START, -1, true", "START, 0, false",
      "START, 99, false"})
  void aByteBeyondIsFatal(Flush flush, long offset, boolean dies) {
    ChildJvm.Result result = ChildJvm.of(Touch.class,
        List.of("-XX:+SuppressFatalErrorMessage", "-XX:-CreateCoredumpOnCrash"),
        List.of(), flush.name(), Long.toString(offset)).run();
    assertTrue(result.output().startsWith("touching"), result.output());
    if (dies) {
      assertNotEquals(0, result.exit(), result.output());
    } else {
      assertEquals(0, result.exit(), result.output());
      assertTrue(result.output().contains("read 0"), result.output());
    }
  }

  @ParameterizedTest
  @EnumSource(Flush.class)
  void buffersOfAnySizeAreZeroAndWritable(Flush flush) {
    try (GuardedArena arena = new GuardedArena(flush)) {
      for (int size : new int[]{0, 1, 2, 63, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE - 7}) {
        MemorySegment buffer = arena.allocate(size, 1);
        assertEquals(size, buffer.byteSize());
        assertEquals(-1, buffer.mismatch(MemorySegment.ofArray(new byte[size])));
        buffer.fill((byte) 1);
        long touching = flush == Flush.END ? buffer.address() + size : buffer.address();
        assertEquals(0, touching % PAGE);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Flush.class)
  void slackMovesTheBufferOffThePage(Flush flush) {
    try (GuardedArena arena = new GuardedArena(flush, 3)) {
      MemorySegment buffer = arena.allocate(PAGE, 1);
      assertEquals(flush == Flush.END ? PAGE - 3 : 3, buffer.address() % PAGE);
    }
  }

  @ParameterizedTest
  @CsvSource({"END, 0, -1", "END, 2, 8", "END, 2, 9", "START, 0, 8", "START, 2, -2", "START, 2, 4086"})
  void aByteWrittenBesideABufferIsFound(Flush flush, int slack, long offset) {
    GuardedArena arena = new GuardedArena(flush, slack);
    arena.allocate(8, 1);
    MemorySegment buffer = arena.allocate(8, 1);
    MemorySegment.ofAddress(buffer.address() + offset).reinterpret(1).set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
    AssertionError error = assertThrows(AssertionError.class, arena::close);
    assertEquals("something was written beside 1 of 2 buffers", error.getMessage());
  }

  @Test
  void memoryIsGoneAfterClose() {
    GuardedArena arena = new GuardedArena(Flush.END);
    MemorySegment buffer = arena.allocate(8);
    arena.close();
    assertThrows(IllegalStateException.class, () -> buffer.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, arena::close);
  }

  @Test
  void anAlignmentThatThePlaceDoesNotHaveIsRefused() {
    try (GuardedArena arena = new GuardedArena(Flush.END)) {
      assertEquals(12, arena.allocate(12, 4).byteSize());
      assertThrows(IllegalArgumentException.class, () -> arena.allocate(12, 8));
    }
  }
}

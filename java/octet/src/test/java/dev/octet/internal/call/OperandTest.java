package dev.octet.internal.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How tiles reach what a caller gave. */
class OperandTest {
  private final Operand operand = new Operand();

  @Test
  void confinedSegmentsAreReachedByAddress() {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment theirs = confined.allocate(64).asSlice(8, 16);
      operand.set(theirs, 4);
      assertSame(theirs, operand.segment, "the caller's thread uses it as it is");
      assertEquals(0, operand.first);
      assertSame(MemorySegment.NULL, operand.keep, "the linker would refuse it on other threads");
      assumeTrue(operand.isShareable(), "no native access here");
      theirs.set(ValueLayout.JAVA_INT, 4, 42);
      operand.lend();
      assertTrue(operand.segment.isAccessibleBy(new Thread(() -> {
      })));
      assertEquals(theirs.address() / 4, operand.first);
      assertEquals(42, operand.segment.getAtIndex(ValueLayout.JAVA_INT, operand.first + 1));
      assertEquals(theirs.address(), operand.address);
    }
  }

  @Test
  void elementsBesideTheirAlignmentAreReachedToo() {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment odd = confined.allocate(64).asSlice(9, 16);
      odd.set(ValueLayout.JAVA_INT_UNALIGNED, 4, 42);
      operand.set(odd, 4);
      assumeTrue(operand.isShareable(), "no native access here");
      operand.lend();
      assertEquals(42, operand.segment.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * (operand.first + 1)));
    }
  }

  @Test
  void otherSegmentsAreLentAsTheyAre() {
    try (Arena shared = Arena.ofShared()) {
      for (MemorySegment free : List.of(shared.allocate(8), Arena.ofAuto().allocate(8))) {
        operand.set(free, 1);
        operand.lend();
        assertSame(free, operand.segment);
        assertSame(free, operand.keep);
        assertEquals(free.address(), operand.address);
        assertFalse(operand.isHeap());
      }
      MemorySegment heap = MemorySegment.ofArray(new byte[8]);
      operand.set(heap, 1);
      operand.lend();
      assertSame(heap, operand.segment);
      assertTrue(operand.isHeap());
      assertEquals(0, operand.address);
    }
  }

  @Test
  void whatIsNotGivenHasNoAddress() {
    operand.set(null, 4);
    operand.lend();
    assertFalse(operand.isGiven());
    assertFalse(operand.isHeap());
    assertNull(operand.segment);
    assertEquals(0, operand.address);
    assertTrue(operand.isShareable());
  }

  @Test
  void itForgets() {
    operand.set(Arena.ofAuto().allocate(8), 1);
    operand.clear();
    assertFalse(operand.isGiven());
    assertNull(operand.segment);
    assertSame(MemorySegment.NULL, operand.keep);
  }
}

package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Borders around images: by hand, and every error. */
class PadTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static int[] run(Pad.Builder builder, DataType type, int batch, int height, int width, int channels,
      int... x) {
    try (Pad op = builder.input(type).prepare()) {
      int count = (int) op.outputShape(Shape.of(batch, height, width, channels)).elements();
      MemorySegment y = TestMemory.odd(count);
      op.run(TestMemory.bytes(x), y, batch, height, width, channels);
      return TestMemory.integers(type, y, count);
    }
  }

  @Test
  void byHand() {
    // one row above, two columns on the right
    assertArrayEquals(new int[]{9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9, 9},
        run(octet.pad().padding(1, 0, 0, 2).value(9), U8, 1, 2, 2, 1, 1, 2, 3, 4));
    // two images of one pixel of two channels, one column on the left and a row below
    assertArrayEquals(new int[]{-3, -3, 1, 2, -3, -3, -3, -3, -3, -3, 5, 6, -3, -3, -3, -3},
        run(octet.pad().padding(0, 1, 1, 0).value(-3), S8, 2, 1, 1, 2, 1, 2, 5, 6));
    assertArrayEquals(new int[]{255, 7, 255},
        run(octet.pad().padding(0, 1, 0, 1).value(255), U8, 1, 1, 1, 1, 7));
    // no border
    assertArrayEquals(new int[]{1, 2}, run(octet.pad().value(0), S8, 1, 1, 2, 1, 1, 2));
    assertArrayEquals(new int[0], run(octet.pad().padding(1, 1, 1, 1).value(0), S8, 0, 1, 2, 1));
    assertArrayEquals(new int[0], run(octet.pad().padding(1, 1, 1, 1).value(0), S8, 1, 1, 2, 0));
  }

  @Test
  void tellsItsShape() {
    try (Pad op = octet.pad().input(U8).padding(1, 2, 3, 4).value(0).prepare()) {
      assertEquals(Shape.of(2, 9, 13, 3), op.outputShape(Shape.of(2, 5, 7, 3)));
      refused("input: expected [batch, height, width, channels], got [2, 3]",
          () -> op.outputShape(Shape.of(2, 3)));
      assertEquals("scalar:pad_u8", op.kernel());
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatDoesNotFit() {
    refused("input: not given", () -> octet.pad().value(0).prepare());
    refused("value: not given", () -> octet.pad().input(U8).prepare());
    refused("value: expected 0 to 255, the range of U8, got -1",
        () -> octet.pad().input(U8).value(-1).prepare());
    refused("value: expected -128 to 127, the range of S8, got 128",
        () -> octet.pad().input(S8).value(128).prepare());
    refused("input: expected U8 or S8, got S4", () -> octet.pad().input(S4));
    refused("padding bottom: expected >= 0, got -1", () -> octet.pad().padding(0, 0, -1, 0));
    MemorySegment x = TestMemory.odd(18);
    MemorySegment y = TestMemory.odd(24);
    int most = Integer.MAX_VALUE;
    try (Pad op = octet.pad().input(U8).padding(1, 0, 0, 0).value(0).prepare();
        Pad wide = octet.pad().input(U8).padding(0, most, 0, most).value(0).prepare()) {
      refused("batch: expected >= 0, got -1", () -> op.run(x, y, -1, 3, 3, 2));
      refused("height: expected >= 1, got 0", () -> op.run(x, y, 1, 0, 3, 2));
      refused("width: expected >= 1, got 0", () -> op.run(x, y, 1, 3, 0, 2));
      refused("channels: expected >= 0, got -2", () -> op.run(x, y, 1, 3, 3, -2));
      refused("width: the output's, 4294967297, exceeds 2^31 - 1", () -> wide.run(x, y, 1, 3, 3, 2));
      refused("x: expected at least 27 bytes, got 18", () -> op.run(x, y, 1, 3, 3, 3));
      refused("y: expected at least 24 bytes, got 23", () -> op.run(x, y.asSlice(1), 1, 3, 3, 2));
      refused("y: the segment is read-only", () -> op.run(x, y.asReadOnly(), 1, 3, 3, 2));
      refused("y: expected memory of its own, but it overlaps x", () -> op.run(y, y, 1, 3, 3, 2));
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    Pad op = octet.pad().input(U8).value(0).prepare();
    op.close();
    assertEquals("this pad is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, 0, 1, 1, 1)).getMessage());
  }
}

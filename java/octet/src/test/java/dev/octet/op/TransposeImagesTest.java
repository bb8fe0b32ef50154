package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.ImageLayout.NCHW;
import static dev.octet.ImageLayout.NHWC;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.ImageLayout;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Transposition of images: by hand, and every error. */
class TransposeImagesTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static int[] run(DataType type, ImageLayout to, int batch, int height, int width, int channels,
      int... x) {
    try (TransposeImages op = octet.transposeImages().input(type).to(to).prepare()) {
      MemorySegment y = TestMemory.odd(x.length);
      op.run(TestMemory.bytes(x), y, batch, height, width, channels);
      return TestMemory.integers(type, y, x.length);
    }
  }

  @Test
  void byHand() {
    // two images of 1 x 2 pixels of three channels
    int[] planes = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
    int[] pixels = {1, 3, 5, 2, 4, 6, 11, 13, 15, 12, 14, 16};
    assertArrayEquals(pixels, run(U8, NHWC, 2, 1, 2, 3, planes));
    assertArrayEquals(planes, run(U8, NCHW, 2, 1, 2, 3, pixels));
    // rows of a plane follow each other: 2 x 2 pixels of two channels
    assertArrayEquals(new int[]{-1, -5, -2, -6, -3, -7, -4, -8},
        run(S8, NHWC, 1, 2, 2, 2, -1, -2, -3, -4, -5, -6, -7, -8));
    assertArrayEquals(new int[0], run(S8, NHWC, 0, 2, 2, 2));
    assertArrayEquals(new int[0], run(S8, NCHW, 1, 2, 2, 0));
  }

  @Test
  void tellsItsShape() {
    try (TransposeImages pixels = octet.transposeImages().input(U8).to(NHWC).prepare();
        TransposeImages planes = octet.transposeImages().input(U8).to(NCHW).prepare()) {
      assertEquals(Shape.of(2, 5, 7, 3), pixels.outputShape(Shape.of(2, 3, 5, 7)));
      assertEquals(Shape.of(2, 3, 5, 7), planes.outputShape(Shape.of(2, 5, 7, 3)));
      refused("input: expected four dimensions, got [2, 3]", () -> planes.outputShape(Shape.of(2, 3)));
      assertEquals("scalar:transpose", planes.kernel());
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatDoesNotFit() {
    refused("input: not given", () -> octet.transposeImages().to(NHWC).prepare());
    refused("to: not given", () -> octet.transposeImages().input(U8).prepare());
    refused("input: expected U8 or S8, got S4", () -> octet.transposeImages().input(S4));
    MemorySegment x = TestMemory.odd(18);
    MemorySegment y = TestMemory.odd(18);
    try (TransposeImages op = octet.transposeImages().input(U8).to(NHWC).prepare()) {
      refused("batch: expected >= 0, got -1", () -> op.run(x, y, -1, 3, 3, 2));
      refused("height: expected >= 1, got 0", () -> op.run(x, y, 1, 0, 3, 2));
      refused("width: expected >= 1, got 0", () -> op.run(x, y, 1, 3, 0, 2));
      refused("channels: expected >= 0, got -2", () -> op.run(x, y, 1, 3, 3, -2));
      refused("x: expected at least 27 bytes, got 18", () -> op.run(x, y, 1, 3, 3, 3));
      refused("y: expected at least 18 bytes, got 17", () -> op.run(x, y.asSlice(1), 1, 3, 3, 2));
      refused("y: the segment is read-only", () -> op.run(x, y.asReadOnly(), 1, 3, 3, 2));
      refused("y: expected memory of its own, but it overlaps x", () -> op.run(x, x, 1, 3, 3, 2));
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    TransposeImages op = octet.transposeImages().input(U8).to(NHWC).prepare();
    op.close();
    assertEquals("this transposeImages is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, 0, 1, 1, 1)).getMessage());
  }
}

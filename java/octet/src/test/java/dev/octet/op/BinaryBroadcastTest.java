package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Binary ops on operands of two shapes: by hand, in place, and every error. */
class BinaryBroadcastTest {
  private static Octet octet;
  /** {@code a - b} of integers. */
  private static Binary difference;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
    difference = octet.subtract().left(S8, perTensor(1)).right(S8, perTensor(1)).output(S8, perTensor(1))
        .prepare();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static int[] run(int[] a, Shape shapeA, int[] b, Shape shapeB) {
    int n = (int) difference.outputShape(shapeA, shapeB).elements();
    MemorySegment y = TestMemory.odd(n);
    difference.run(TestMemory.bytes(a), shapeA, TestMemory.bytes(b), shapeB, y);
    return TestMemory.integers(S8, y, n);
  }

  @Test
  void repeatsByHand() {
    int[] a = {10, 20, 30, 40, 50, 60};
    Shape matrix = Shape.of(2, 3);
    assertArrayEquals(new int[]{9, 19, 29, 39, 49, 59}, run(a, matrix, new int[]{1}, Shape.of()));
    assertArrayEquals(new int[]{-9, -19, -29, -39, -49, -59}, run(new int[]{1}, Shape.of(1, 1), a, matrix));
    assertArrayEquals(new int[]{9, 18, 27, 39, 48, 57}, run(a, matrix, new int[]{1, 2, 3}, Shape.of(3)));
    assertArrayEquals(new int[]{9, 19, 29, 38, 48, 58}, run(a, matrix, new int[]{1, 2}, Shape.of(2, 1)));
    assertArrayEquals(new int[]{9, 8, 19, 18, 29, 28},
        run(new int[]{10, 20, 30}, Shape.of(3, 1), new int[]{1, 2}, Shape.of(2)));
    assertArrayEquals(new int[]{7}, run(new int[]{9}, Shape.of(), new int[]{2}, Shape.of()));
    // images of two channels, with a gate for each image and channel
    assertArrayEquals(new int[]{9, 18, 29, 38, 47, 56, 67, 76},
        run(new int[]{10, 20, 30, 40, 50, 60, 70, 80}, Shape.of(2, 2, 1, 2), new int[]{1, 2, 3, 4},
            Shape.of(2, 1, 1, 2)));
    // both repeated, on axes that take turns
    assertArrayEquals(new int[]{9, 19, 8, 18, 29, 39, 28, 38},
        run(new int[]{10, 20, 30, 40}, Shape.of(2, 1, 2), new int[]{1, 2}, Shape.of(2, 1)));
  }

  @Test
  void tellsTheShapeOfTheResult() {
    assertEquals(Shape.of(4, 3, 2), difference.outputShape(Shape.of(3, 1), Shape.of(4, 1, 2)));
    assertEquals(Shape.of(5, 0), difference.outputShape(Shape.of(1, 0), Shape.of(5, 1)));
    assertEquals(Shape.of(), difference.outputShape(Shape.of(), Shape.of()));
  }

  @Test
  void nothingToDo() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    MemorySegment one = TestMemory.bytes(1);
    difference.run(none, Shape.of(0), none, Shape.of(0), none);
    difference.run(none, Shape.of(3, 0), one, Shape.of(1), none);
    difference.run(TestMemory.bytes(1, 2, 3), Shape.of(3, 1), none, Shape.of(0), none);
  }

  @Test
  void worksInPlaceWhereAnOperandIsNotRepeated() {
    MemorySegment a = TestMemory.bytes(10, 20, 30, 40);
    difference.run(a, Shape.of(2, 2), TestMemory.bytes(1, 2), Shape.of(2), a);
    assertArrayEquals(new int[]{9, 18, 29, 38}, TestMemory.integers(S8, a, 4));
    difference.run(TestMemory.bytes(1), Shape.of(), a, Shape.of(4), a);
    assertArrayEquals(new int[]{-8, -17, -28, -37}, TestMemory.integers(S8, a, 4));
    // as many elements as the result
    difference.run(a, Shape.of(1, 4), a, Shape.of(4), a);
    assertArrayEquals(new int[]{0, 0, 0, 0}, TestMemory.integers(S8, a, 4));
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesShapesThatDoNotFit() {
    MemorySegment bytes = TestMemory.odd(64);
    refused(
        "b: [2] cannot be broadcast with a [4, 3]: 2 and 3 on axis 1 of the result differ and neither is 1",
        () -> difference.run(bytes, Shape.of(4, 3), bytes, Shape.of(2), bytes));
    refused("b: [2, 1, 3] cannot be broadcast with a [4, 1, 3]: 2 and 4 on axis 0 of the result differ and "
        + "neither is 1", () -> difference.outputShape(Shape.of(4, 1, 3), Shape.of(2, 1, 3)));
    refused("b: [0] cannot be broadcast with a [3]: 0 and 3 on axis 0 of the result differ and neither is 1",
        () -> difference.outputShape(Shape.of(3), Shape.of(0)));
    Shape tall = Shape.of(1L << 40, 1);
    refused("shape [1099511627776, 1099511627776]: number of elements overflows 64 bits",
        () -> difference.outputShape(tall, Shape.of(1L << 40)));
  }

  @Test
  void refusesMemoryThatDoesNotFit() {
    MemorySegment a = TestMemory.odd(6);
    MemorySegment b = TestMemory.odd(3);
    MemorySegment y = TestMemory.odd(6);
    Shape matrix = Shape.of(2, 3);
    Shape row = Shape.of(3);
    refused("a: expected at least 6 bytes, got 5", () -> difference.run(a.asSlice(1), matrix, b, row, y));
    refused("b: expected at least 3 bytes, got 2", () -> difference.run(a, matrix, b.asSlice(1), row, y));
    refused("y: expected at least 6 bytes, got 5", () -> difference.run(a, matrix, b, row, y.asSlice(1)));
    refused("y: the segment is read-only", () -> difference.run(a, matrix, b, row, y.asReadOnly()));
    MemorySegment all = TestMemory.odd(12);
    refused("y: expected the same memory as a or memory of its own, but it overlaps a in part",
        () -> difference.run(all.asSlice(1, 6), matrix, b, row, all.asSlice(0, 6)));
    for (long at : new long[]{0, 2, 5}) {
      refused("y: expected memory of its own, but it overlaps b",
          () -> difference.run(a, matrix, all.asSlice(at, 3), row, all.asSlice(0, 6)));
      refused("y: expected memory of its own, but it overlaps a",
          () -> difference.run(all.asSlice(at, 3), row, a, matrix, all.asSlice(0, 6)));
    }
    difference.run(a, matrix, all.asSlice(6, 3), row, all.asSlice(0, 6));
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment one = TestMemory.odd(1);
    Binary op = octet.divide().left(S8, perTensor(1)).right(S8, perTensor(1)).output(S8, perTensor(1))
        .prepare();
    op.close();
    assertEquals("this divide is closed", assertThrows(IllegalStateException.class,
        () -> op.run(one, Shape.of(), one, Shape.of(), one)).getMessage());
  }
}

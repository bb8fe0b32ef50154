package dev.octet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Dimensions and their product. */
class ShapeTest {
  @Test
  void dimensions() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(3, shape.rank());
    assertEquals(4, shape.dim(2));
    assertEquals(3, shape.intDim(1));
    assertEquals(24, shape.elements());
    assertEquals("[2, 3, 4]", shape.toString());
    assertArrayEquals(new long[]{2, 3, 4}, shape.toArray());
    assertThrows(IndexOutOfBoundsException.class, () -> shape.dim(3));
    assertThrows(IndexOutOfBoundsException.class, () -> shape.intDim(-1));
  }

  @Test
  void positionOfAnElement() {
    // 17 = 1 * 12 + 1 * 4 + 1
    assertArrayEquals(new long[]{1, 1, 1}, Shape.of(2, 3, 4).position(17));
    assertArrayEquals(new long[]{2, 1, 1 << 30}, Shape.of(3, 2, 1L << 33).position((5L << 33) + (1 << 30)));
    assertArrayEquals(new long[0], Shape.of().position(0));
    assertThrows(IndexOutOfBoundsException.class, () -> Shape.of(2, 3).position(6));
    assertThrows(IndexOutOfBoundsException.class, () -> Shape.of(2, 3).position(-1));
  }

  @Test
  void aScalarHasOneElement() {
    assertEquals(0, Shape.of().rank());
    assertEquals(1, Shape.of().elements());
    assertEquals("[]", Shape.of().toString());
  }

  /** Also where the other dimensions alone would overflow, in any order. */
  @Test
  void anEmptyDimensionMakesItEmpty() {
    assertEquals(0, Shape.of(3, 0).elements());
    assertEquals(0, Shape.of(0, 1L << 62, 1L << 62).elements());
    assertEquals(0, Shape.of(1L << 62, 1L << 62, 0).elements());
  }

  @Test
  void immutable() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 7;
    shape.toArray()[1] = 9;
    assertEquals(Shape.of(2, 3), shape);
  }

  @Test
  void equality() {
    assertEquals(Shape.of(2, 3), Shape.of(2, 3));
    assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
    assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
    assertNotEquals(Shape.of(6), Shape.of(6, 1));
    assertNotEquals(Shape.of(), "[]");
  }

  @Test
  void refusals() {
    assertEquals("shape [2, -3]: dimension 1 is negative",
        assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -3)).getMessage());
    assertEquals("shape [0, -3]: dimension 1 is negative",
        assertThrows(IllegalArgumentException.class, () -> Shape.of(0, -3)).getMessage());
    assertEquals("shape [4294967296, 2147483648]: number of elements overflows 64 bits",
        assertThrows(IllegalArgumentException.class, () -> Shape.of(1L << 32, 1L << 31)).getMessage());
    assertEquals("shape [2147483648]: dimension 0 exceeds 2^31 - 1",
        assertThrows(IllegalArgumentException.class, () -> Shape.of(1L << 31).intDim(0)).getMessage());
    assertEquals(Long.MAX_VALUE, Shape.of(Long.MAX_VALUE, 1).elements());
  }
}

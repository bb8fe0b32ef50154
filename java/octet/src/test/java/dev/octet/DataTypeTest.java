package dev.octet;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Sizes and ranges of the element types. */
class DataTypeTest {
  @ParameterizedTest
  @CsvSource({"U8, 8, 0, 255, false", "S8, 8, -128, 127, true", "U4, 4, 0, 15, false", "S4, 4, -8, 7, true",
      "S32, 32, -2147483648, 2147483647, true"})
  void integers(DataType type, int bits, int min, int max, boolean signed) {
    assertEquals(bits, type.bits());
    assertEquals(min, type.min());
    assertEquals(max, type.max());
    assertEquals(signed, type.isSigned());
    assertEquals(bits <= 8, type.isQuantized());
    assertEquals(bits == 8, type.isByte());
  }

  @Test
  void floats() {
    assertEquals(32, F32.bits());
    assertEquals(true, F32.isSigned());
    assertEquals(false, F32.isQuantized());
    assertEquals(false, F32.isByte());
    assertThrows(UnsupportedOperationException.class, F32::min);
    assertThrows(UnsupportedOperationException.class, F32::max);
  }

  @Test
  void bytes() {
    assertEquals(7, U8.bytes(7));
    assertEquals(7, S8.bytes(7));
    assertEquals(28, S32.bytes(7));
    assertEquals(28, F32.bytes(7));
    assertEquals(0, U4.bytes(0));
    assertEquals(1, U4.bytes(1));
    assertEquals(1, S4.bytes(2));
    assertEquals(4, S4.bytes(7));
    assertEquals(Long.MAX_VALUE / 2 + 1, U4.bytes(Long.MAX_VALUE));
    assertEquals(Long.MAX_VALUE, S8.bytes(Long.MAX_VALUE));
    assertEquals(Long.MAX_VALUE - 3, F32.bytes(Long.MAX_VALUE / 4));
  }

  @ParameterizedTest
  @EnumSource
  void aNegativeNumberOfElements(DataType type) {
    assertEquals("elements: expected >= 0, got -1",
        assertThrows(IllegalArgumentException.class, () -> type.bytes(-1)).getMessage());
  }

  @Test
  void tooManyElements() {
    assertEquals("elements: 2305843009213693952 of F32 overflow 64 bits",
        assertThrows(IllegalArgumentException.class, () -> F32.bytes(1L << 61)).getMessage());
  }
}

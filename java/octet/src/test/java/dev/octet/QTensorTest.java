package dev.octet;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Elements of quantized memory. */
class QTensorTest {
  private static final Quantization ONE = Quantization.perTensor(1);

  @Test
  void bytesAreSignedOrNotAsTheTypeSays() {
    byte[] data = new byte[256];
    for (int i = 0; i < 256; i++) {
      data[i] = (byte) i;
    }
    QTensor unsigned = QTensor.of(U8, Shape.of(256), ONE, data);
    QTensor signed = QTensor.of(S8, Shape.of(256), ONE, data);
    for (int i = 0; i < 256; i++) {
      assertEquals(i, unsigned.get(i));
      assertEquals(i < 128 ? i : i - 256, signed.get(i));
    }
  }

  /** Two to a byte, the one with the even index in the low nibble; rows are not padded. */
  @Test
  void nibbles() {
    byte[] data = {(byte) 0x10, (byte) 0x32, (byte) 0x54, (byte) 0x76, (byte) 0x98, (byte) 0xba, (byte) 0xdc,
        (byte) 0xfe};
    QTensor unsigned = QTensor.of(U4, Shape.of(16), ONE, data);
    QTensor signed = QTensor.of(S4, Shape.of(16), ONE, data);
    QTensor odd = QTensor.of(U4, Shape.of(3, 5), ONE, data);
    for (int i = 0; i < 16; i++) {
      assertEquals(i, unsigned.get(i));
      assertEquals(i < 8 ? i : i - 16, signed.get(i));
      if (i < 15) {
        assertEquals(i, odd.get(i));
      }
    }
    assertEquals(8, odd.data().byteSize());
    assertThrows(IndexOutOfBoundsException.class, () -> odd.get(15));
  }

  @Test
  void realValues() {
    byte[] data = {-128, 0, 127, 5, 6, 7};
    assertEquals(0.25f * (127 - 3),
        QTensor.of(S8, Shape.of(6), Quantization.perTensor(0.25f, 3), data).real(2));
    QTensor channels = QTensor.of(S8, Shape.of(2, 3),
        Quantization.perChannel(1, new float[]{1, 2, 0.1f}, new int[]{0, -5, 9}), data);
    assertEquals(2f * (0 + 5), channels.real(1));
    assertEquals(0.1f * (7 - 9), channels.real(5));
    // Groups of 2 along axis 0 of [3, 2]: parameters [2, 2].
    QTensor groups = QTensor.of(S8, Shape.of(3, 2),
        Quantization.perGroup(0, 2, new float[]{1, 10, 100, 1000}), data);
    float[] expected = {-128, 0, 127, 50, 600, 7000};
    for (int i = 0; i < 6; i++) {
      assertEquals(expected[i], groups.real(i));
    }
    // One multiplication in binary32, not in double precision and rounded after.
    assertEquals(0.1f * 3, QTensor.of(U8, Shape.of(1), Quantization.perTensor(0.1f), new byte[]{3}).real(0));
  }

  @Test
  void aViewOfExactlyTheTensor() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(10);
      QTensor tensor = QTensor.of(U8, Shape.of(2, 3), ONE, memory);
      assertEquals(6, tensor.data().byteSize());
      assertTrue(tensor.data().isReadOnly());
      memory.set(ValueLayout.JAVA_BYTE, 5, (byte) 200);
      assertEquals(200, tensor.get(5));
      assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(6));
      assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(-1));
    }
  }

  @Test
  void whatItIs() {
    Shape shape = Shape.of(2, 3);
    Quantization q = Quantization.perTensor(0.5f, 1);
    QTensor tensor = QTensor.of(U8, shape, q, new byte[6]);
    assertSame(U8, tensor.type());
    assertSame(shape, tensor.shape());
    assertSame(q, tensor.quantization());
    assertEquals("U8 [2, 3] per tensor (scale 0.5, zero point 1)", tensor.toString());
    assertEquals(0, QTensor.of(S4, Shape.of(0, 3), q, new byte[0]).data().byteSize());
  }

  @Test
  void refusals() {
    assertEquals("data: expected 6 bytes for S8 [2, 3], got 5", assertThrows(IllegalArgumentException.class,
        () -> QTensor.of(S8, Shape.of(2, 3), ONE, new byte[5])).getMessage());
    assertEquals("data: expected 4 bytes for U4 [7], got 3", assertThrows(IllegalArgumentException.class,
        () -> QTensor.of(U4, Shape.of(7), ONE, new byte[3])).getMessage());
    for (DataType type : new DataType[]{S32, F32}) {
      assertEquals("tensor: expected a type of 4 or 8 bits, got " + type, assertThrows(
          IllegalArgumentException.class, () -> QTensor.of(type, Shape.of(1), ONE, new byte[4]))
          .getMessage());
    }
    assertEquals("tensor: zero point -1 (index 0) is outside the range of U8, 0 to 255",
        assertThrows(IllegalArgumentException.class,
            () -> QTensor.of(U8, Shape.of(1), Quantization.perTensor(1, -1), new byte[1])).getMessage());
    assertEquals("tensor: expected 3 scales for shape [2, 3] per channel on axis 1, got 2",
        assertThrows(IllegalArgumentException.class, () -> QTensor.of(S8, Shape.of(2, 3),
            Quantization.perChannel(1, new float[]{1, 1}), new byte[6])).getMessage());
    assertEquals("type", assertThrows(NullPointerException.class,
        () -> QTensor.of(null, Shape.of(1), ONE, new byte[1])).getMessage());
  }
}

package dev.octet.internal.vector;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.BatchMatMul;
import dev.octet.op.MatMul;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sums in floats at the edge of what floats hold: as many of the largest products as a block takes, and then
 * one product of 1, which a float of 2^24 would swallow.
 */
@Tag("species")
class VectorBoundTest {
  private static final int N = 37;
  private static final int[] ROWS = {1, 2, 3, 4, 5, 8, 11, 70};

  private static byte[] filled(int count, int value) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** Rows and weights are extreme everywhere but in the last step of K, where the product is 1. */
  private void check(int k, DataType inputType, int extreme, int one, int weight) {
    byte[] w = filled(k * N, weight);
    Arrays.fill(w, (k - 1) * N, k * N, (byte) 1);
    long expected = (long) (k - 1) * (inputType == U8 ? extreme & 0xff : extreme) * weight + 1;
    for (int rows : ROWS) {
      byte[] x = filled(rows * k, extreme);
      for (int row = 1; row <= rows; row++) {
        x[row * k - 1] = (byte) one;
      }
      int[] y = new int[rows * N];
      try (Octet octet = Octet.builder().engine(Engine.VECTOR).open();
          MatMul op = octet.matMul().input(inputType, Quantization.perTensor(1))
              .weights(QTensor.of(S8, Shape.of(k, N), Quantization.perTensor(1), w), WeightLayout.IN_OUT)
              .outputS32().prepare();
          BatchMatMul batch = octet.batchMatMul().left(inputType, Quantization.perTensor(1))
              .right(S8, Quantization.perTensor(1)).outputS32().prepare()) {
        op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), rows);
        assertAll("matMul", expected, y, rows, k);
        MemorySegment out = MemorySegment.ofArray(new int[rows * N]);
        batch.run(MemorySegment.ofArray(x), MemorySegment.ofArray(w), out, 1, rows, k, N);
        assertAll("batchMatMul", expected, out.toArray(ValueLayout.JAVA_INT), rows, k);
      }
    }
  }

  private static void assertAll(String op, long expected, int[] y, int rows, int k) {
    for (int i = 0; i < y.length; i++) {
      int at = i;
      assertEquals((int) expected, y[i],
          () -> op + ", K " + k + ", rows " + rows + ", row " + at / N + ", column " + at % N);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 514, 515, 1023, 1024, 1025, 1026, 1027, 1028, 2048, 2049, 2050, 3073, 33025})
  void productsOfExtremes(int k) {
    check(k, S8, -128, 1, -128);
    check(k, S8, 127, 1, -128);
    check(k, U8, 255, 1, -128);
    check(k, U8, 0, 1, -128);
    check(k, U8, 255, 1, 127);
  }
}

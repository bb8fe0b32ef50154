package dev.octet.engine;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.WeightLayout.IN_OUT;
import static dev.octet.WeightLayout.OUT_IN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One logical matrix, whatever the layout. */
class MatrixWeightsTest {
  private static QTensor tensor(DataType type, Quantization quantization, long... dims) {
    Shape shape = Shape.of(dims);
    byte[] data = new byte[(int) type.bytes(shape.elements())];
    new Random(5).nextBytes(data);
    return QTensor.of(type, shape, quantization, data);
  }

  private static float[] scales(int count) {
    float[] scales = new float[count];
    for (int i = 0; i < count; i++) {
      scales[i] = i + 1;
    }
    return scales;
  }

  private static int[] zeroPoints(int count) {
    int[] zeroPoints = new int[count];
    for (int i = 0; i < count; i++) {
      zeroPoints[i] = i % 8;
    }
    return zeroPoints;
  }

  /**
   * Every weight and its parameters, as the tensor itself gives them at the element that the layout names.
   */
  @ParameterizedTest
  @CsvSource({"IN_OUT, S8, 0", "OUT_IN, S8, 0", "IN_OUT, U4, 2", "OUT_IN, S4, 3", "IN_OUT, S4, 7",
      "OUT_IN, U4, 100",
      "IN_OUT, U8, 1", "OUT_IN, U8, 1"})
  void elements(WeightLayout layout, DataType type, int group) {
    int k = 7;
    int n = 5;
    boolean outIn = layout == OUT_IN;
    int groups = group == 0 ? 1 : Math.ceilDiv(k, group);
    Quantization q = group == 0
        ? Quantization.perChannel(outIn ? 0 : 1, scales(n), zeroPoints(n))
        : Quantization.perGroup(outIn ? 1 : 0, group, scales(groups * n), zeroPoints(groups * n));
    QTensor tensor = outIn ? tensor(type, q, n, k) : tensor(type, q, k, n);
    MatrixWeights weights = MatrixWeights.of(tensor, layout);
    assertEquals(k, weights.k());
    assertEquals(n, weights.n());
    assertEquals(outIn, weights.outIn());
    assertSame(type, weights.type());
    assertSame(tensor, weights.tensor());
    assertEquals(groups, weights.groups());
    assertEquals(group == 0 ? k : group, weights.groupSize());
    for (int row = 0; row < k; row++) {
      for (int column = 0; column < n; column++) {
        long element = outIn ? (long) column * k + row : (long) row * n + column;
        int parameter = q.parameterIndex(tensor.shape(), element);
        assertEquals(tensor.get(element), weights.get(row, column));
        assertEquals(q.scale(parameter), weights.scale(row / weights.groupSize(), column));
        assertEquals(q.zeroPoint(parameter), weights.zeroPoint(row / weights.groupSize(), column));
      }
    }
  }

  @Test
  void oneScaleForAll() {
    MatrixWeights weights = MatrixWeights.of(tensor(S8, Quantization.perTensor(0.5f, 3), 4, 2), OUT_IN);
    assertEquals(2, weights.k());
    assertEquals(0.5f, weights.scale(0, 3));
    assertEquals(3, weights.zeroPoint(0, 3));
    assertEquals(1, weights.groups());
    assertEquals(2, weights.groupSize());
  }

  private static void refused(String message, QTensor tensor, WeightLayout layout) {
    assertEquals(message,
        assertThrows(IllegalArgumentException.class, () -> MatrixWeights.of(tensor, layout)).getMessage());
  }

  @Test
  void refusals() {
    Quantization one = Quantization.perTensor(1);
    refused("weights: expected layout IN_OUT or OUT_IN for a matrix, got OHWI", tensor(S8, one, 2, 2),
        WeightLayout.OHWI);
    refused("weights: expected layout IN_OUT or OUT_IN for a matrix, got OIHW", tensor(S8, one, 2, 2),
        WeightLayout.OIHW);
    refused("weights: expected a matrix, got shape [4]", tensor(S8, one, 4), IN_OUT);
    refused("weights: expected a matrix, got shape [1, 2, 2]", tensor(S8, one, 1, 2, 2), IN_OUT);
    refused("weights: expected at least one input and one output feature, got shape [0, 2]",
        tensor(S8, one, 0, 2), IN_OUT);
    refused("weights: expected at least one input and one output feature, got shape [2, 0]",
        tensor(S8, one, 2, 0), OUT_IN);
    refused("weights: expected channels on axis 1 (output features of IN_OUT), got axis 0",
        tensor(S8, Quantization.perChannel(0, scales(3)), 3, 2), IN_OUT);
    refused("weights: expected channels on axis 0 (output features of OUT_IN), got axis 1",
        tensor(S8, Quantization.perChannel(1, scales(2)), 3, 2), OUT_IN);
    refused("weights: expected groups along axis 0 (input features of IN_OUT), got axis 1",
        tensor(U4, Quantization.perGroup(1, 2, scales(3)), 3, 2), IN_OUT);
    refused("weights: expected groups along axis 1 (input features of OUT_IN), got axis 0",
        tensor(S4, Quantization.perGroup(0, 2, scales(4)), 3, 2), OUT_IN);
    refused("shape [0, 2147483648]: dimension 1 exceeds 2^31 - 1", tensor(S8, one, 0, 1L << 31), IN_OUT);
  }
}

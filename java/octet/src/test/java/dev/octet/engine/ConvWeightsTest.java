package dev.octet.engine;

import static dev.octet.DataType.S8;
import static dev.octet.WeightLayout.IN_OUT;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.WeightLayout.OIHW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One logical tensor, whatever the layout. */
class ConvWeightsTest {
  private static final int OUT = 3;
  private static final int HEIGHT = 2;
  private static final int WIDTH = 4;
  private static final int IN = 5;

  /** A weight that tells where it belongs: 120 of them fit a byte. */
  private static byte value(int o, int y, int x, int i) {
    return (byte) (((o * HEIGHT + y) * WIDTH + x) * IN + i);
  }

  /** Dimensions in the order of a layout, whose letters name them. */
  private static int[] inOrder(WeightLayout layout, int o, int y, int x, int i) {
    return layout.name().chars().map(letter -> switch (letter) {
      case 'O' -> o;
      case 'H' -> y;
      case 'W' -> x;
      default -> i;
    }).toArray();
  }

  @ParameterizedTest
  @EnumSource(names = {"OHWI", "OIHW", "HWIO"})
  void elements(WeightLayout layout) {
    byte[] data = new byte[OUT * HEIGHT * WIDTH * IN];
    int[] dims = inOrder(layout, OUT, HEIGHT, WIDTH, IN);
    for (int o = 0; o < OUT; o++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          for (int i = 0; i < IN; i++) {
            int[] at = inOrder(layout, o, y, x, i);
            data[((at[0] * dims[1] + at[1]) * dims[2] + at[2]) * dims[3] + at[3]] = value(o, y, x, i);
          }
        }
      }
    }
    Shape shape = Shape.of(dims[0], dims[1], dims[2], dims[3]);
    QTensor tensor = QTensor.of(S8, shape,
        Quantization.perChannel(layout.name().indexOf('O'), new float[]{1, 2, 3}, new int[]{4, 5, 6}), data);
    ConvWeights weights = ConvWeights.of(tensor, layout);
    assertEquals(OUT, weights.outChannels());
    assertEquals(HEIGHT, weights.height());
    assertEquals(WIDTH, weights.width());
    assertEquals(IN, weights.inPerGroup());
    assertSame(layout, weights.layout());
    assertSame(S8, weights.type());
    assertSame(tensor, weights.tensor());
    for (int o = 0; o < OUT; o++) {
      assertEquals(o + 1, weights.scale(o));
      assertEquals(o + 4, weights.zeroPoint(o));
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          for (int i = 0; i < IN; i++) {
            assertEquals(value(o, y, x, i), weights.get(o, y, x, i));
          }
        }
      }
    }
  }

  @Test
  void oneScaleForAll() {
    ConvWeights weights = ConvWeights
        .of(QTensor.of(S8, Shape.of(3, 1, 1, 1), Quantization.perTensor(0.5f, -7), new byte[3]), OHWI);
    assertEquals(0.5f, weights.scale(2));
    assertEquals(-7, weights.zeroPoint(2));
  }

  private static void refused(String message, Quantization q, WeightLayout layout, long... dims) {
    Shape shape = Shape.of(dims);
    QTensor tensor = QTensor.of(S8, shape, q, new byte[(int) shape.elements()]);
    assertEquals(message,
        assertThrows(IllegalArgumentException.class, () -> ConvWeights.of(tensor, layout)).getMessage());
  }

  @Test
  void refusals() {
    Quantization one = Quantization.perTensor(1);
    Quantization outermost = Quantization.perChannel(0, new float[]{1, 2}, new int[2]);
    refused(
        "weights: expected scales per tensor or per channel on axis 3 (output channels), got " + outermost,
        outermost, WeightLayout.HWIO, 2, 1, 1, 2);
    refused("weights: expected layout OHWI, OIHW or HWIO for a convolution, got IN_OUT", one, IN_OUT, 1, 1, 1,
        1);
    refused("weights: expected a shape of rank 4 without empty dimensions (OHWI), got [2, 3, 3]", one, OHWI,
        2, 3, 3);
    refused("weights: expected a shape of rank 4 without empty dimensions (OIHW), got [2, 0, 3, 3]", one,
        OIHW, 2, 0,
        3, 3);
    refused(
        "weights: expected scales per tensor or per channel on axis 0 (output channels), got per channel on axis 3",
        Quantization.perChannel(3, new float[]{1, 1}), OHWI, 1, 1, 1, 2);
    refused(
        "weights: expected scales per tensor or per channel on axis 0 (output channels), got per group of 2 along axis 0",
        Quantization.perGroup(0, 2, new float[]{1}), OHWI, 2, 1, 1, 1);
  }
}

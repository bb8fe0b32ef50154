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

  @ParameterizedTest
  @EnumSource(names = {"OHWI", "OIHW"})
  void elements(WeightLayout layout) {
    byte[] data = new byte[OUT * HEIGHT * WIDTH * IN];
    int index = 0;
    if (layout == OHWI) {
      for (int o = 0; o < OUT; o++) {
        for (int y = 0; y < HEIGHT; y++) {
          for (int x = 0; x < WIDTH; x++) {
            for (int i = 0; i < IN; i++) {
              data[index++] = value(o, y, x, i);
            }
          }
        }
      }
    } else {
      for (int o = 0; o < OUT; o++) {
        for (int i = 0; i < IN; i++) {
          for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
              data[index++] = value(o, y, x, i);
            }
          }
        }
      }
    }
    Shape shape = layout == OHWI ? Shape.of(OUT, HEIGHT, WIDTH, IN) : Shape.of(OUT, IN, HEIGHT, WIDTH);
    QTensor tensor = QTensor.of(S8, shape,
        Quantization.perChannel(0, new float[]{1, 2, 3}, new int[]{4, 5, 6}), data);
    ConvWeights weights = ConvWeights.of(tensor, layout);
    assertEquals(OUT, weights.outChannels());
    assertEquals(HEIGHT, weights.height());
    assertEquals(WIDTH, weights.width());
    assertEquals(IN, weights.inPerGroup());
    assertEquals(layout == OIHW, weights.oihw());
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
    refused("weights: expected layout OHWI or OIHW for a convolution, got IN_OUT", one, IN_OUT, 1, 1, 1, 1);
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

package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Windows that fit no image: the same words from oneDNN's engine as from the reference. */
class ConvGeometryTest {
  private static final int MOST = Integer.MAX_VALUE;

  @Test
  void refusesImagesInTheWordsOfTheReference() {
    List<UnaryOperator<Conv2d.Builder>> geometries = List.of(b -> b.dilation(MOST), b -> b.dilation(1, MOST),
        b -> b.dilation(MOST, 1).padding(MOST / 2), b -> b.dilation(MOST).stride(MOST),
        b -> b.dilation(MOST).padding(1_000).stride(1, MOST));
    for (UnaryOperator<Conv2d.Builder> geometry : geometries) {
      for (int groups : new int[]{1, 4}) {
        assertEquals(refusal(Engine.SCALAR, groups, geometry), refusal(Engine.ONEDNN, groups, geometry));
      }
    }
  }

  private static String refusal(Engine engine, int groups, UnaryOperator<Conv2d.Builder> geometry) {
    try (Octet octet = Octet.builder().engine(engine).threads(1).open()) {
      QTensor weights = QTensor.of(DataType.S8, Shape.of(8, 3, 3, 4), Quantization.perTensor(1),
          new byte[8 * 9 * 4]);
      Conv2d conv = geometry.apply(octet.conv2d().input(DataType.U8, Quantization.perTensor(1))
          .weights(weights, WeightLayout.OHWI).groups(groups).outputS32()).prepare();
      return assertThrows(IllegalArgumentException.class,
          () -> conv.run(MemorySegment.ofArray(new byte[8 * 8 * 4 * groups]),
              MemorySegment.ofArray(new int[8 * 8 * 8]), 1, 8, 8))
          .getMessage();
    }
  }
}

package dev.octet;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.octet.op.MatMul;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class OctetTest {
  @Test
  void multipliesByHand() {
    QTensor w = QTensor.of(S8, Shape.of(2, 2), Quantization.perTensor(0.5f), new byte[]{1, -2, 3, 4});
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open();
        MatMul layer = octet.matMul().input(U8, Quantization.perTensor(0.5f, 1))
            .weights(w, WeightLayout.IN_OUT)
            .output(S8, Quantization.perTensor(0.5f)).prepare()) {
      byte[] y = new byte[2];
      layer.run(MemorySegment.ofArray(new byte[]{3, 5}), MemorySegment.ofArray(y), 1);
      // (3-1)*1 + (5-1)*3 = 14, times 0.5 = 7; 2*-2 + 4*4 = 12, times 0.5 = 6
      assertArrayEquals(new byte[]{7, 6}, y);
    }
  }
}

package org.example.consumer;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;
import static dev.octet.WeightLayout.OUT_IN;

import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.op.MatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An int8 layer of 64 outputs over 32 inputs, run on one row, and compared with plain loops. */
final class Layer {
  private static final int IN = 32;
  private static final int OUT = 64;

  private Layer() {}

  public static void main(String[] args) {
    byte[] w = new byte[OUT * IN];
    float[] floats = new float[OUT * IN];
    for (int i = 0; i < w.length; i++) {
      w[i] = (byte) (i % IN == 0 ? 127 : i * 37 % 255 - 127); // 127 in every row: each scale is 1
      floats[i] = w[i];
    }
    QTensor weights = Quantizer.symmetric(S8).perChannel(0).quantize(floats, Shape.of(OUT, IN));
    try (Octet octet = Octet.open();
        MatMul layer = octet.matMul().input(U8, perTensor(1, 0)).weights(weights, OUT_IN).outputS32().prepare();
        Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(IN);
      MemorySegment y = arena.allocate(ValueLayout.JAVA_INT, OUT);
      for (int k = 0; k < IN; k++) {
        x.set(ValueLayout.JAVA_BYTE, k, (byte) (k * 11));
      }
      layer.run(x, y, 1);
      for (int n = 0; n < OUT; n++) {
        int expected = 0;
        for (int k = 0; k < IN; k++) {
          expected += (x.get(ValueLayout.JAVA_BYTE, k) & 0xff) * w[n * IN + k];
        }
        int got = y.getAtIndex(ValueLayout.JAVA_INT, n);
        if (got != expected) {
          throw new AssertionError("output " + n + ": expected " + expected + ", got " + got);
        }
      }
      System.out.println("class path: " + OUT + " outputs of engine " + layer.engine() + ", " + layer.kernel());
    }
  }
}

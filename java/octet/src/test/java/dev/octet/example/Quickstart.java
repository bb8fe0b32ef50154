package dev.octet.example;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;
import static dev.octet.WeightLayout.IN_OUT;

import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.op.MatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The program of the README: the lines between the two marks stand there word for word. */
public final class Quickstart {
  private Quickstart() {}

  /**
   * Runs it.
   *
   * @param args none
   */
  public static void main(String[] args) {
    float[] floats = new float[768 * 3072];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (i % 255 - 127) / 127f;
    }
    // README
    try (Octet octet = Octet.open(); Arena arena = Arena.ofConfined()) {
      QTensor weights = Quantizer.symmetric(S8).perChannel(1).quantize(floats, Shape.of(768, 3072));
      MatMul layer = octet.matMul()
          .input(U8, perTensor(0.02f, 128))
          .weights(weights, IN_OUT)
          .output(S8, perTensor(0.05f))
          .relu()
          .prepare();
      MemorySegment x = arena.allocate(128 * 768);
      MemorySegment y = arena.allocate(128 * 3072);
      layer.run(x, y, 128);
      System.out.println(layer.kernel() + " wrote " + y.byteSize() + " bytes");
      System.out.print(octet.report());
    }
    // README
  }
}

package org.example.consumer;

import static dev.octet.WeightLayout.OUT_IN;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.quantize.Accuracy;
import dev.octet.quantize.Linear;
import dev.octet.quantize.Model;
import dev.octet.quantize.PostTraining;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.QuantizedModel;
import java.util.List;
import java.util.Random;

/** Two layers in floats, quantized to int8, and how far the results are apart. */
final class Network {
  private Network() {}

  public static void main(String[] args) {
    Random random = new Random(1);
    Linear first = Linear.of("first", normal(random, 128 * 64), Shape.of(128, 64), OUT_IN, new float[128]);
    Linear second = Linear.of("second", normal(random, 10 * 128), Shape.of(10, 128), OUT_IN, new float[10]);
    Model model = Model.of(List.of(first, second), (x, net) -> net.run("second", relu(net.run("first", x))));
    QuantizedModel int8 = PostTraining.of(model, QuantizationScheme.int8Dynamic()).quantize();
    float[] x = normal(random, 64);
    float[] floats = model.run(x);
    try (Octet octet = Octet.open()) {
      Accuracy accuracy = Accuracy.of(floats, model.run(x, int8.prepare(octet)), floats.length, 1);
      if (accuracy.sqnr() < 35) {
        throw new AssertionError("int8 has " + accuracy.sqnr() + " dB over its noise, expected at least 35");
      }
      System.out.printf("module path: %d outputs of engine %s, %.0f dB over their noise; module %s%n", floats.length,
          fastest(octet), accuracy.sqnr(), Octet.class.getModule().getName());
    }
  }

  private static Engine fastest(Octet octet) {
    return octet.engines().stream().filter(status -> status.available()).findFirst().orElseThrow().engine();
  }

  private static float[] relu(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(values[i], 0);
    }
    return values;
  }

  private static float[] normal(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}

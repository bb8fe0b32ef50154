package dev.octet.quantize;

import static dev.octet.quantize.ObserverTest.gaussian;

import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small random networks, and samples for them. */
final class Networks {
  private Networks() {}

  static Linear layer(Random random, String name, int out, int in) {
    return Linear.of(name, gaussian(random, out * in, 1 / Math.sqrt(in)), Shape.of(out, in),
        WeightLayout.OUT_IN, gaussian(random, out, 0.1));
  }

  /** 80 features, ReLU layers of 96 and 64, ten outputs. */
  static Model threeLayers(Random random) {
    return Model.of(
        List.of(layer(random, "fc1", 96, 80), layer(random, "fc2", 64, 96), layer(random, "head", 10, 64)),
        (x, net) -> net.run("head", WeightsTest.relu(net.run("fc2", WeightsTest.relu(net.run("fc1", x))))));
  }

  static List<float[]> samples(Random random, int count, int rows) {
    List<float[]> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(gaussian(random, rows * 80, 1));
    }
    return samples;
  }
}

package dev.octet.bench.digits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Integers and their twin where clipping decides: steps a quarter of what they should be, so that a good part
 * of every activation stands at the largest integer.
 */
class IntegerNetworkTest {
  private static final long SEED = 31;
  private static final DigitImages IMAGES = DigitImages.draw(SEED, 8 * Network.BATCH);

  @Test
  void convolutionsClipAsTheTwinDoes() {
    check(Network.convolutional(SEED));
  }

  @Test
  void productsClipAsTheTwinDoes() {
    check(Network.perceptron(SEED));
  }

  private static void check(Network network) {
    new Training(2, 2e-3f, true, 0).run(network, IMAGES, SEED);
    for (Precision precision : List.of(new Precision(8, 8, true), new Precision(4, 4, false))) {
      Network twin = clipped(Calibration.byRange(network, precision, IMAGES), precision);
      byte[] digits = twin.classify(IMAGES);
      String where = "seed " + SEED + ", " + precision;
      assertTrue(shareAtTheTop(twin, precision) > 0.02, where + ": too little is clipped");
      try (Octet octet = Octet.builder().threads(1).open();
          IntegerNetwork integers = new IntegerNetwork(octet, octet, twin)) {
        assertArrayEquals(digits, integers.classify(IMAGES), where);
      }
    }
  }

  private static Network clipped(Network network, Precision precision) {
    List<float[]> weightScales = new ArrayList<>();
    float[] outputScales = new float[network.layers().size()];
    for (int i = 0; i < outputScales.length; i++) {
      weightScales.add(network.layers().get(i).weightScales());
      outputScales[i] = network.layers().get(i).outputScale() / 4;
    }
    network.quantize(precision, weightScales, outputScales);
    return network;
  }

  /** Of the first layer's outputs in the last batch. */
  private static double shareAtTheTop(Network network, Precision precision) {
    Layer first = network.layers().getFirst();
    float top = precision.activations().max() * first.outputScale();
    int clipped = 0;
    for (float x : first.output()) {
      clipped += x >= top ? 1 : 0;
    }
    return (double) clipped / first.output().length;
  }
}

package dev.octet.bench.digits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The gradients of whole networks against finite differences of their loss; the same training by the same
 * seed.
 */
class NetworkTest {
  private static final long SEED = 12;
  private static final DigitImages IMAGES = DigitImages.draw(SEED, 4 * Network.BATCH);

  @Test
  void gradientsOfThePerceptronAreFiniteDifferences() {
    checkGradients(Network.perceptron(SEED), false);
  }

  @Test
  void gradientsOfTheConvolutionalNetworkAreFiniteDifferences() {
    checkGradients(Network.convolutional(SEED), false);
  }

  @Test
  void gradientsWithStatisticsOfTheBatchAreFiniteDifferences() {
    checkGradients(Network.convolutional(SEED), true);
  }

  /**
   * Along each parameter's own gradient the loss must grow by the square of its length: one number that every
   * element has a part in, and large beside the noise of binary32.
   */
  private static void checkGradients(Network network, boolean statisticsOfBatch) {
    network.useStatisticsOfBatch(statisticsOfBatch);
    loss(network, statisticsOfBatch);
    List<Parameter> parameters = network.parameters();
    for (int p = 0; p < parameters.size(); p++) {
      float[] value = parameters.get(p).value();
      float[] before = value.clone();
      clear(parameters);
      loss(network, statisticsOfBatch);
      float[] gradient = parameters.get(p).gradient().clone();
      double square = 0;
      for (float g : gradient) {
        square += (double) g * g;
      }
      double h = 5e-4 / Math.sqrt(square);
      double above = shifted(network, value, before, gradient, h, statisticsOfBatch);
      double below = shifted(network, value, before, gradient, -h, statisticsOfBatch);
      System.arraycopy(before, 0, value, 0, value.length);
      assertEquals(square, (above - below) / (2 * h), 0.02 * square + 1e-3 * Math.sqrt(square),
          "seed " + SEED + ", parameter " + p);
      assertTrue(square > 1e-9, "parameter " + p + " has no gradient");
    }
  }

  private static double shifted(Network network, float[] value, float[] before, float[] gradient, double h,
      boolean statisticsOfBatch) {
    for (int i = 0; i < value.length; i++) {
      value[i] = (float) (before[i] + h * gradient[i]);
    }
    return loss(network, statisticsOfBatch);
  }

  /** The running statistics are put back: the loss is a function of the parameters alone. */
  private static double loss(Network network, boolean statisticsOfBatch) {
    Network copy = network.copy();
    copy.useStatisticsOfBatch(statisticsOfBatch);
    int[] index = new int[Network.BATCH];
    Arrays.setAll(index, i -> i);
    copy.forward(IMAGES, index);
    double loss = copy.backward(IMAGES.labels());
    for (int p = 0; p < copy.parameters().size(); p++) {
      Rows.add(network.parameters().get(p).gradient(), copy.parameters().get(p).gradient());
    }
    return loss;
  }

  private static void clear(List<Parameter> parameters) {
    parameters.forEach(parameter -> Arrays.fill(parameter.gradient(), 0));
  }

  @Test
  void theSameSeedTrainsTheSameNetwork() {
    float[][] first = trained(1);
    float[][] again = trained(1);
    float[][] other = trained(2);
    for (int p = 0; p < first.length; p++) {
      assertArrayEquals(first[p], again[p], "parameter " + p);
    }
    assertTrue(!Arrays.equals(first[0], other[0]), "another order, the same weights");
  }

  private static float[][] trained(long order) {
    Network network = Network.convolutional(SEED);
    new Training(1, 1e-3f, true, 0).run(network, IMAGES, order);
    Network aware = Calibration.byLsq(network, new Precision(4, 4, true), IMAGES);
    new Training(2, 1e-2f, false, 0.5).run(aware, IMAGES, order);
    return aware.parameters().stream().map(Parameter::value).toArray(float[][]::new);
  }

  /** What is copied computes the same, and learns for itself. */
  @Test
  void aCopyIsTheSameNetwork() {
    Network network = Network.convolutional(SEED);
    new Training(1, 1e-3f, true, 0).run(network, IMAGES, SEED);
    byte[] digits = network.classify(IMAGES);
    Network copy = network.copy();
    assertArrayEquals(digits, copy.classify(IMAGES));
    new Training(1, 1e-2f, true, 0).run(copy, IMAGES, SEED);
    assertArrayEquals(digits, network.classify(IMAGES));
  }
}

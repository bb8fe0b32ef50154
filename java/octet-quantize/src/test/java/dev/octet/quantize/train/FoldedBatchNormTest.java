package dev.octet.quantize.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/**
 * A small dense layer with batch normalization, folded, against the definition of batch normalization over
 * the plain layer in double precision; gradients against its finite differences.
 */
class FoldedBatchNormTest {
  private static final long SEED = 4711;
  private static final int BATCH = 24;
  private static final int IN = 5;
  private static final int OUT = 3;
  private static final float EPSILON = 1e-2f;
  private static final float MOMENTUM = 0.1f;

  private final Random random = new Random(SEED);
  private final double[] x = gaussian(BATCH * IN);
  private final double[] w = gaussian(OUT * IN);
  /** One is negative: the channel is turned over. */
  private final double[] gamma = {1.3, -0.7, 0.2};
  private final double[] beta = {0.1, -0.4, 0.9};
  private final double[] mean = {0.3, -0.2, 0.1};
  private final double[] variance = {2.5, 0.4, 1.7};
  /** The loss is this times the output. */
  private final double[] slope = gaussian(BATCH * OUT);

  private final FoldedBatchNorm norm = FoldedBatchNorm.of(Shape.of(BATCH, OUT), 1, EPSILON, MOMENTUM);
  private final float[] folded = new float[OUT * IN];
  private final float[] y = new float[BATCH * OUT];

  FoldedBatchNormTest() {
    norm.setRunning(floats(mean), floats(variance));
  }

  private double[] gaussian(int n) {
    return random.doubles(n, -2, 2).toArray();
  }

  private static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) x[i];
    }
    return y;
  }

  /** {@code [BATCH][OUT]} */
  private double[] layer(double[] weights) {
    double[] z = new double[BATCH * OUT];
    for (int b = 0; b < BATCH; b++) {
      for (int o = 0; o < OUT; o++) {
        for (int i = 0; i < IN; i++) {
          z[b * OUT + o] += x[b * IN + i] * weights[o * IN + i];
        }
      }
    }
    return z;
  }

  private float[] foldedLayer() {
    norm.foldWeights(floats(w), floats(gamma), folded);
    double[] weights = new double[folded.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = folded[i];
    }
    return floats(layer(weights));
  }

  private double[] batchMean(double[] z) {
    double[] sums = new double[OUT];
    for (int i = 0; i < z.length; i++) {
      sums[i % OUT] += z[i] / BATCH;
    }
    return sums;
  }

  private double[] batchVariance(double[] z, double divisor) {
    double[] means = batchMean(z);
    double[] sums = new double[OUT];
    for (int i = 0; i < z.length; i++) {
      sums[i % OUT] += (z[i] - means[i % OUT]) * (z[i] - means[i % OUT]) / divisor;
    }
    return sums;
  }

  /** The definition, over the plain layer. */
  private double[] normalized(double[] means, double[] variances) {
    double[] z = layer(w);
    double[] result = new double[z.length];
    for (int i = 0; i < z.length; i++) {
      int c = i % OUT;
      result[i] = gamma[c] * (z[i] - means[c]) / Math.sqrt(variances[c] + EPSILON) + beta[c];
    }
    return result;
  }

  private double[] trainingForm() {
    double[] z = layer(w);
    return normalized(batchMean(z), batchVariance(z, BATCH));
  }

  private double loss(double[] output) {
    double sum = 0;
    for (int i = 0; i < output.length; i++) {
      sum += output[i] * slope[i];
    }
    return sum;
  }

  @Test
  void trainingFormIsBatchNormalizationOfThePlainLayer() {
    norm.normalize(foldedLayer(), floats(gamma), floats(beta), y);
    assertArrayEquals(floats(trainingForm()), y, 1e-5f, "seed " + SEED);
  }

  @Test
  void runningStatisticsAreThoseOfThePlainLayer() {
    norm.normalize(foldedLayer(), floats(gamma), floats(beta), y);
    double[] z = layer(w);
    for (int c = 0; c < OUT; c++) {
      assertEquals(0.9 * mean[c] + 0.1 * batchMean(z)[c], norm.runningMean()[c], 1e-5);
      assertEquals(0.9 * variance[c] + 0.1 * batchVariance(z, BATCH - 1)[c], norm.runningVariance()[c], 1e-4);
    }
  }

  @Test
  void inferenceFormIsBatchNormalizationOfThePlainLayer() {
    float[] u = foldedLayer();
    float[] bias = new float[OUT];
    norm.foldBias(floats(gamma), floats(beta), bias);
    double[] expected = normalized(mean, variance);
    for (int i = 0; i < u.length; i++) {
      assertEquals(expected[i], u[i] + bias[i % OUT], 1e-5, "seed " + SEED);
    }
  }

  /** After many batches of one kind, both forms give nearly the same. */
  @Test
  void trainingFormTendsToTheInferenceForm() {
    for (int step = 0; step < 200; step++) {
      norm.normalize(foldedLayer(), floats(gamma), floats(beta), y);
    }
    float[] u = foldedLayer();
    float[] bias = new float[OUT];
    norm.foldBias(floats(gamma), floats(beta), bias);
    for (int i = 0; i < u.length; i++) {
      // n against n - 1 under the root of the variance
      assertEquals(y[i], u[i] + bias[i % OUT], 0.03 * (1 + Math.abs(y[i])));
    }
  }

  @Test
  void gradientsOfTheTrainingFormAreFiniteDifferences() {
    float[] u = foldedLayer();
    norm.normalize(u, floats(gamma), floats(beta), y);
    float[] du = new float[u.length];
    float[] dGamma = new float[OUT];
    float[] dBeta = new float[OUT];
    norm.normalizeBackward(u, floats(gamma), floats(slope), du, dGamma, dBeta);
    float[] dW = backThroughLayer(du, dGamma);
    DoubleSupplier loss = () -> loss(trainingForm());
    assertGradient("w", w, dW, loss);
    assertGradient("beta", beta, dBeta, loss);
    assertGradient("gamma", gamma, dGamma, loss);
  }

  @Test
  void gradientsOfTheInferenceFormAreFiniteDifferences() {
    foldedLayer();
    float[] dBias = new float[OUT];
    for (int i = 0; i < slope.length; i++) {
      dBias[i % OUT] += (float) slope[i];
    }
    float[] dGamma = new float[OUT];
    float[] dBeta = new float[OUT];
    norm.foldBiasBackward(dBias, dGamma, dBeta);
    float[] dW = backThroughLayer(floats(slope), dGamma);
    DoubleSupplier loss = () -> loss(normalized(mean, variance));
    assertGradient("w", w, dW, loss);
    assertGradient("beta", beta, dBeta, loss);
    assertGradient("gamma", gamma, dGamma, loss);
  }

  /** From the gradient of the folded layer's output to that of w; adds to dGamma. */
  private float[] backThroughLayer(float[] du, float[] dGamma) {
    float[] dFolded = new float[w.length];
    for (int b = 0; b < BATCH; b++) {
      for (int o = 0; o < OUT; o++) {
        for (int i = 0; i < IN; i++) {
          dFolded[o * IN + i] += du[b * OUT + o] * (float) x[b * IN + i];
        }
      }
    }
    norm.foldWeightsBackward(floats(w), floats(gamma), dFolded, dFolded, dGamma);
    return dFolded;
  }

  private static void assertGradient(String name, double[] at, float[] gradient, DoubleSupplier loss) {
    double h = 1e-5;
    for (int i = 0; i < at.length; i++) {
      double here = at[i];
      at[i] = here + h;
      double above = loss.getAsDouble();
      at[i] = here - h;
      double below = loss.getAsDouble();
      at[i] = here;
      double expected = (above - below) / (2 * h);
      assertEquals(expected, gradient[i], 2e-4 * (1 + Math.abs(expected)),
          "seed " + SEED + ", gradient of " + name + "[" + i + "]");
    }
  }

  /** The channel axis may stand before others: here {@code [2][OUT][BATCH / 2]}. */
  @Test
  void axisOfChannelsIsFree() {
    float[] u = foldedLayer();
    norm.normalize(u, floats(gamma), floats(beta), y);
    float[] du = new float[u.length];
    norm.normalizeBackward(u, floats(gamma), floats(slope), du, new float[OUT], new float[OUT]);
    FoldedBatchNorm turned = FoldedBatchNorm.of(Shape.of(2, OUT, BATCH / 2), 1, EPSILON, MOMENTUM);
    turned.setRunning(floats(mean), floats(variance));
    turned.foldWeights(floats(w), floats(gamma), folded);
    float[] turnedY = new float[u.length];
    float[] turnedDu = new float[u.length];
    turned.normalize(turned(u), floats(gamma), floats(beta), turnedY);
    turned.normalizeBackward(turned(u), floats(gamma), turned(floats(slope)), turnedDu, new float[OUT],
        new float[OUT]);
    assertArrayEquals(turned(y), turnedY, 1e-6f);
    assertArrayEquals(turned(du), turnedDu, 1e-6f);
  }

  private static float[] turned(float[] values) {
    float[] result = new float[values.length];
    for (int b = 0; b < BATCH; b++) {
      for (int o = 0; o < OUT; o++) {
        result[(b / (BATCH / 2) * OUT + o) * (BATCH / 2) + b % (BATCH / 2)] = values[b * OUT + o];
      }
    }
    return result;
  }

  @Test
  void aChannelThatIsSwitchedOffGivesBetaAndKeepsItsStatistics() {
    gamma[1] = 0;
    norm.normalize(foldedLayer(), floats(gamma), floats(beta), y);
    for (int b = 0; b < BATCH; b++) {
      assertEquals((float) beta[1], y[b * OUT + 1]);
    }
    assertEquals((float) mean[1], norm.runningMean()[1]);
    assertEquals((float) variance[1], norm.runningVariance()[1]);
  }

  @Test
  void errorsNameTheOperand() {
    refuses("epsilon: ", () -> FoldedBatchNorm.of(Shape.of(2, 3), 1, 0, 0.1f));
    refuses("momentum: ", () -> FoldedBatchNorm.of(Shape.of(2, 3), 1, 1e-5f, 1.5f));
    refuses("axis: ", () -> FoldedBatchNorm.of(Shape.of(2, 3), 2, 1e-5f, 0.1f));
    refuses("mean[0]: ", () -> norm.setRunning(new float[]{Float.NaN, 0, 0}, new float[3]));
    refuses("variance[2]: ", () -> norm.setRunning(new float[3], new float[]{1, 1, -1}));
    refuses("w: expected a multiple of 3", () -> norm.foldWeights(new float[4], new float[3], new float[3]));
    refuses("folded: expected 6", () -> norm.foldWeights(new float[6], new float[3], new float[3]));
    refuses("gamma: expected 3", () -> norm.foldBias(new float[2], new float[3], new float[3]));
    refuses("u: expected 72", () -> norm.normalize(new float[71], new float[3], new float[3], y));
  }

  private static void refuses(String message, Runnable call) {
    String got = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(got.startsWith(message), "expected \"" + message + "...\", got \"" + got + "\"");
  }
}

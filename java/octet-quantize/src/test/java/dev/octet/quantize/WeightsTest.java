package dev.octet.quantize;

import static dev.octet.quantize.ObserverTest.gaussian;
import static dev.octet.quantize.ObserverTest.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is done to weights: by hand, and that each method wins where its paper says. */
class WeightsTest {
  private static final WeightScheme S4_CHANNEL = WeightScheme.perChannel(DataType.S4, true);

  private static Linear linear(String name, int out, int in, float[] weights, float... bias) {
    return Linear.of(name, weights, Shape.of(out, in), WeightLayout.OUT_IN, bias.length == 0 ? null : bias);
  }

  private static float[] real(QTensor weights) {
    float[] real = new float[(int) weights.shape().elements()];
    for (int i = 0; i < real.length; i++) {
      real[i] = weights.real(i);
    }
    return real;
  }

  private static double squaredError(float[] expected, float[] actual) {
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      sum += Math.pow((double) expected[i] - actual[i], 2);
    }
    return sum;
  }

  /** Features of which each is mostly a mix of a few hidden ones. */
  static float[] correlated(Random random, int rows, int in) {
    float[] mix = gaussian(random, in * 4, 1);
    float[] x = gaussian(random, rows * in, 0.1);
    for (int r = 0; r < rows; r++) {
      float[] hidden = gaussian(random, 4, 1);
      for (int i = 0; i < in; i++) {
        for (int h = 0; h < 4; h++) {
          x[r * in + i] += mix[i * 4 + h] * hidden[h];
        }
      }
    }
    return x;
  }

  private static InputMoments moments(int in, float[] x) {
    InputMoments moments = new InputMoments("x", in, true);
    moments.observe(x);
    return moments;
  }

  @Test
  void layersMultiplyEitherLayout() {
    float[] x = {1, 2, 3, -1, 0, 1};
    Linear outIn = linear("a", 2, 3, new float[]{1, 0, 2, -1, 1, 0}, 10, 20);
    assertArrayEquals(new float[]{17, 21, 11, 21}, outIn.run(x));
    Linear inOut = Linear.of("a", new float[]{1, -1, 0, 1, 2, 0}, Shape.of(3, 2), WeightLayout.IN_OUT,
        new float[]{10, 20});
    assertArrayEquals(outIn.weights(), inOut.weights());
    assertArrayEquals(outIn.run(x), inOut.run(x));
    refused("a: expected rows of 3 inputs, got 4 numbers", () -> outIn.run(new float[4]));
    refused("b.weights[1]: expected a finite number, got NaN",
        () -> linear("b", 1, 2, new float[]{0, Float.NaN}));
    refused("b.bias: expected 1 values, got 2", () -> linear("b", 1, 2, new float[2], 1, 2));
  }

  @Test
  void clippingByHand() {
    // Row 0: a thousand 7s and an 8: clipped at 7. Row 1: on the grid as it is.
    float[] weights = new float[2002];
    Arrays.fill(weights, 0, 1001, 7);
    weights[3] = 8;
    weights[1001] = -14;
    weights[1002] = 6;
    QTensor clipped = ClippingSearch.quantize(linear("w", 2, 1001, weights), S4_CHANNEL);
    assertEquals(Quantization.perChannel(0, new float[]{1, 2}), clipped.quantization());
    assertEquals(7, clipped.get(3));
    assertEquals(7, clipped.get(0));
    assertEquals(-7, clipped.get(1001));
  }

  @Test
  void clippingNeverLosesToTheFullRange() {
    for (int seed = 0; seed < 5; seed++) {
      Random random = new Random(seed);
      Linear layer = linear("w", 8, 200, gaussian(random, 1600, 1));
      for (WeightScheme scheme : List.of(S4_CHANNEL, WeightScheme.perTensor(DataType.S4, false),
          WeightScheme.perGroup(DataType.S4, 32, true), WeightScheme.perGroup(DataType.U4, 64, false),
          WeightScheme.perChannel(DataType.S8, true))) {
        double full = squaredError(layer.weights(), real(ClippingSearch.fullRange(layer, scheme)));
        double clipped = squaredError(layer.weights(), real(ClippingSearch.quantize(layer, scheme)));
        assertTrue(clipped <= full, "seed " + seed + " " + scheme + ": " + clipped + " above " + full);
        if (scheme.equals(S4_CHANNEL)) {
          assertTrue(clipped < 0.85 * full, "seed " + seed + ": " + clipped + " of " + full);
        }
      }
    }
  }

  @Test
  void biasCorrectionByHand() {
    // scale 1: 0.4 rounds to 0, -7 stays; mean(x) = (2, 1): the output lost 0.4 * 2
    Linear layer = linear("w", 1, 2, new float[]{0.4f, -7}, 3);
    QTensor weights = ClippingSearch.fullRange(layer, S4_CHANNEL);
    InputMoments moments = moments(2, new float[]{1, 0, 3, 2});
    assertArrayEquals(new float[]{2, 1}, moments.mean());
    assertArrayEquals(new float[]{3.8f}, BiasCorrection.apply(layer, weights, moments.mean()));
    assertArrayEquals(new float[]{0.8f},
        BiasCorrection.apply(layer.with(layer.weights(), null), weights, moments.mean()), 1e-7f);
  }

  @Test
  void biasCorrectionKeepsTheMeanOfOutputs() {
    Random random = new Random(9);
    Linear layer = linear("w", 6, 40, gaussian(random, 240, 1));
    float[] x = gaussian(random, 40 * 50, 1);
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.abs(x[i]) + i % 40;
    }
    QTensor weights = ClippingSearch.fullRange(layer, S4_CHANNEL);
    float[] expected = moments(6, layer.run(x)).mean();
    float[] before = moments(6, layer.with(real(weights), null).run(x)).mean();
    float[] after = moments(6,
        layer.with(real(weights), BiasCorrection.apply(layer, weights, moments(40, x).mean())).run(x)).mean();
    assertTrue(squaredError(expected, before) > 1);
    assertArrayEquals(expected, after, 1e-3f);
  }

  @Test
  void equalizationByHand() {
    // feature 0: 8 and 2, s = 2; feature 1: 1 and 4, s = 0.5; feature 2 has no weights behind it
    Linear first = linear("a", 3, 2, new float[]{8, -4, 1, 0.5f, 5, 5}, 2, 3, 4);
    Linear second = linear("b", 1, 3, new float[]{-2, 4, 0}, 1);
    Model model = Model.of(List.of(first, second), (x, net) -> net.run("b", relu(net.run("a", x))));
    Model equal = CrossLayerEqualization.apply(model, "a", "b");
    assertArrayEquals(new float[]{4, -2, 2, 1, 5, 5}, equal.layer("a").weights());
    assertArrayEquals(new float[]{1, 6, 4}, equal.layer("a").bias());
    assertArrayEquals(new float[]{-4, 2, 0}, equal.layer("b").weights());
    assertArrayEquals(new float[]{1}, equal.layer("b").bias());
    assertArrayEquals(model.run(new float[]{3, -1}), equal.run(new float[]{3, -1}));
    refused("layers: expected as many inputs of the second as outputs of the first, got a [out 3, in 2] and "
        + "a [out 3, in 2]", () -> CrossLayerEqualization.apply(model, "a", "a"));
  }

  @Test
  void equalizationKeepsTheFunctionAndHelpsOneScalePerTensor() {
    for (int seed = 0; seed < 5; seed++) {
      Random random = new Random(seed);
      // features of ranges far apart, all of which matter as much
      float[] ranges = new float[32];
      for (int h = 0; h < 32; h++) {
        ranges[h] = (float) Math.pow(10, h % 4 - 2);
      }
      Linear first = linear("a", 32, 16, gaussian(random, 32 * 16, 1), gaussian(random, 32, 1))
          .scaleOutputs(ranges);
      Linear second = linear("b", 8, 32, gaussian(random, 256, 1))
          .scaleInputs(CrossLayerEqualization.inverse(ranges));
      Model model = Model.of(List.of(first, second), (x, net) -> net.run("b", relu(net.run("a", x))));
      Model equal = CrossLayerEqualization.apply(model, "a", "b");
      float[] x = gaussian(random, 16 * 20, 1);
      float[] reference = model.run(x);
      double same = Accuracy.of(reference, equal.run(x), 8, 1).sqnr();
      assertTrue(same > 120, "seed " + seed + ": " + same + " dB from the same function");
      double before = Accuracy.of(reference, perTensor(model).run(x), 8, 1).sqnr();
      double after = Accuracy.of(reference, perTensor(equal).run(x), 8, 1).sqnr();
      assertTrue(after > before + 10, "seed " + seed + ": " + before + " dB, then " + after);
    }
  }

  private static Model perTensor(Model model) {
    Model rounded = model;
    for (Linear layer : model.layers()) {
      QTensor weights = ClippingSearch.fullRange(layer, WeightScheme.perTensor(DataType.S8, true));
      rounded = rounded.with(layer.with(real(weights), layer.bias()));
    }
    return rounded;
  }

  static float[] relu(float[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(x[i], 0);
    }
    return y;
  }

  @Test
  void smoothingByHand() {
    // alpha 0.5: sqrt(100) / sqrt(1) = 10; sqrt(1) / sqrt(4) = 0.5; an input that is always 0 stays
    Linear layer = linear("w", 2, 3, new float[]{1, 4, 1, -0.5f, 2, 1});
    float[] factors = SmoothQuant.factors(new float[]{100, 1, 0}, 0.5f, layer);
    assertArrayEquals(new float[]{10, 0.5f, 1}, factors);
    assertArrayEquals(new float[]{10, 2, 1, -5, 1, 1}, layer.scaleInputs(factors).weights());
    assertArrayEquals(new float[]{0.1f, 4, 3}, SmoothQuant.divide(new float[]{1, 2, 3}, factors));
    // alpha 1: the input's range alone; two layers that share it count together
    assertArrayEquals(new float[]{100, 1, 1}, SmoothQuant.factors(new float[]{100, 1, 0}, 1, layer));
    assertArrayEquals(new float[]{10 / 4f, 1 / 4f, 1},
        SmoothQuant.factors(new float[]{100, 1, 0}, 0.5f, layer,
            linear("v", 1, 3, new float[]{16, -16, 0})));
    refused("alpha: expected 0 to 1, got 1.5", () -> SmoothQuant.factors(new float[3], 1.5f, layer));
    refused("layers: expected 2 inputs, got w [out 2, in 3]",
        () -> SmoothQuant.factors(new float[2], 0, layer));
  }

  @Test
  void gptqByHand() {
    // H = [[2, 1], [1, 2]] plus 0.5 * 2 on the diagonal: [[3, 1], [1, 3]], inverse [[3, -1], [-1, 3]] / 8.
    // U^T U = inverse: U11 = sqrt(3/8), U12 = -1/8 / U11, so U12 / U11 = -1/3.
    // Scale 1 (the row's largest is 7): 0.45 rounds to 0, and its error 0.45 times 1/3 goes to the next:
    // 1.4 + 0.15 = 1.55, which rounds to 2 instead of 1. The third row of features is always 0.
    InputMoments moments = moments(3, new float[]{1, 2, 0, (float) Math.sqrt(3), 0, 0});
    double[] products = moments.meanProducts();
    assertArrayEquals(new double[]{2, 1, 0, 1, 2, 0, 0, 0, 0}, products, 1e-6);
    Linear layer = linear("w", 1, 3, new float[]{0.45f, 1.4f, 7});
    // mean diagonal 4/3: damping 0.75 adds 1
    QTensor weights = Gptq.quantize(layer, WeightScheme.perTensor(DataType.S4, true), moments, 0.75);
    // the weight of the feature that is always 0 is rounded to nearest, and has its part in the scale
    assertEquals(1f, weights.quantization().scale(0), 1e-7f);
    assertArrayEquals(new float[]{0, 2, 7}, real(weights));
    assertEquals(1, moments.deadFeatures());
    // 1.3 + 0.15 stays below 1.5; without damping a half of 0.45 would go there, and round it up
    Linear kept = linear("w", 3, 2, new float[]{0.45f, 1.4f, 0.45f, 1.3f, 7, 0});
    QTensor rounded = Gptq.quantize(kept, WeightScheme.perTensor(DataType.S4, true),
        moments(2, new float[]{1, 2, (float) Math.sqrt(3), 0}), 0.5);
    assertArrayEquals(new float[]{0, 2, 0, 1, 7, 0}, real(rounded));
    assertArrayEquals(new float[]{0, 1, 0, 1, 7, 0},
        real(ClippingSearch.fullRange(kept, WeightScheme.perTensor(DataType.S4, true))));
  }

  @Test
  void gptqBeatsRoundingToNearestOnCorrelatedInputs() {
    for (WeightScheme scheme : List.of(S4_CHANNEL, WeightScheme.perGroup(DataType.S4, 32, true),
        WeightScheme.perGroup(DataType.U4, 64, false))) {
      for (int seed = 0; seed < 4; seed++) {
        Random random = new Random(seed);
        // more than one block of columns, and a last group that is shorter
        int in = 300;
        float[] x = correlated(random, 600, in);
        Linear layer = linear("w", 10, in, gaussian(random, 10 * in, 1));
        float[] expected = layer.run(x);
        double nearest = squaredError(expected,
            layer.with(real(ClippingSearch.fullRange(layer, scheme)), null).run(x));
        double gptq = squaredError(expected,
            layer.with(real(Gptq.quantize(layer, scheme, moments(in, x), Gptq.DAMPING)), null).run(x));
        assertTrue(gptq < 0.5 * nearest, scheme + " seed " + seed + ": " + gptq + " of " + nearest);
      }
    }
  }

  @Test
  void gptqIsRoundingToNearestWhereInputsAreIndependent() {
    Random random = new Random(4);
    float[] x = new float[64 * 64];
    for (int i = 0; i < 64; i++) {
      x[i * 64 + i] = 1 + i % 3;
    }
    Linear layer = linear("w", 5, 64, gaussian(random, 320, 1));
    WeightScheme scheme = WeightScheme.perGroup(DataType.S4, 32, true);
    assertArrayEquals(real(ClippingSearch.fullRange(layer, scheme)),
        real(Gptq.quantize(layer, scheme, moments(64, x), Gptq.DAMPING)));
  }

  @Test
  void gptqIsRoundingToNearestWhereInputsWereAlwaysZero() {
    Random random = new Random(9);
    Linear layer = linear("w", 5, 64, gaussian(random, 320, 1));
    for (WeightScheme scheme : List.of(S4_CHANNEL, WeightScheme.perGroup(DataType.S4, 32, true))) {
      InputMoments moments = moments(64, new float[64 * 3]);
      assertEquals(64, moments.deadFeatures());
      assertArrayEquals(real(ClippingSearch.fullRange(layer, scheme)),
          real(Gptq.quantize(layer, scheme, moments, Gptq.DAMPING)));
    }
  }

  @Test
  void theFactorIsThatOfTheInverse() {
    Random random = new Random(8);
    int n = 40;
    float[] x = gaussian(random, n * 100, 1);
    double[] h = moments(n, x).meanProducts();
    double[] u = Cholesky.upperOfInverse("x", h, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        // H U^T U = 1
        double sum = 0;
        for (int k = 0; k < n; k++) {
          for (int l = 0; l <= Math.min(k, j); l++) {
            sum += h[i * n + k] * u[l * n + k] * u[l * n + j];
          }
        }
        assertEquals(i == j ? 1 : 0, sum, 1e-9);
        assertTrue(i <= j || u[i * n + j] == 0);
      }
    }
    refused("x: products of features are singular at feature 0; more damping helps",
        () -> Cholesky.upperOfInverse("x", new double[]{1, 1, 1, 1}, 2));
  }

  @Test
  void momentsAddUpAndRefuse() {
    Random random = new Random(6);
    float[] x = gaussian(random, 5 * 30, 1);
    InputMoments all = moments(5, x);
    InputMoments one = moments(5, Arrays.copyOf(x, 50));
    one.merge(moments(5, Arrays.copyOfRange(x, 50, 150)));
    assertEquals(30, one.rows());
    assertArrayEquals(all.absmax(), one.absmax());
    assertArrayEquals(all.mean(), one.mean(), 1e-6f);
    assertArrayEquals(all.meanProducts(), one.meanProducts(), 1e-12);
    refused("x[1, 2]: expected a finite number, got Infinity",
        () -> all.observe(new float[]{0, 0, 0, 0, 0, 0, 0, Float.POSITIVE_INFINITY, 0, 0}));
    assertEquals(30, all.rows());
    refused("merge: expected moments of x with 5 features, got those of x with 6",
        () -> all.merge(new InputMoments("x", 6, true)));
    assertEquals("y: no values were observed", assertThrows(IllegalStateException.class,
        () -> new InputMoments("y", 2, false).mean()).getMessage());
    refused("damping: expected a finite number above 0, got 0.0", () -> Gptq.quantize(
        linear("w", 1, 5, new float[5]), S4_CHANNEL, all, 0));
    refused("moments: expected 2 features for w [out 1, in 2], got 5", () -> Gptq.quantize(
        linear("w", 1, 2, new float[2]), S4_CHANNEL, all, 0.1));
  }
}

package dev.octet.quantize;

import static dev.octet.quantize.ObserverTest.gaussian;
import static dev.octet.quantize.ObserverTest.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Models quantized by every scheme, run on ops, against their definition in double precision. */
class PostTrainingTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().threads(1).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static final List<LayerScheme> SCHEMES = List.of(
      QuantizationScheme.int8Static().layer("x").orElseThrow(),
      QuantizationScheme.int8Dynamic().layer("x").orElseThrow(),
      QuantizationScheme.int8WeightOnly().layer("x").orElseThrow(),
      QuantizationScheme.int4WeightOnly().layer("x").orElseThrow(),
      QuantizationScheme.int4Dynamic().layer("x").orElseThrow(),
      QuantizationScheme.int4Static().layer("x").orElseThrow(),
      LayerScheme.of(WeightScheme.perTensor(DataType.S8, true),
          ActivationScheme.staticPerTensor(DataType.S8, true)),
      LayerScheme.of(WeightScheme.perChannel(DataType.S8, false),
          ActivationScheme.staticPerTensor(DataType.U8, false)),
      LayerScheme.of(WeightScheme.perChannel(DataType.S8, true), ActivationScheme.dynamicPerTensor()),
      LayerScheme.of(WeightScheme.perGroup(DataType.U4, 64, false),
          ActivationScheme.dynamicPerTokenAndGroup()),
      LayerScheme.of(WeightScheme.perGroup(DataType.S8, 32, true),
          ActivationScheme.dynamicPerTokenAndGroup()),
      LayerScheme.weightsOnly(WeightScheme.perTensor(DataType.S4, true)),
      LayerScheme.activationsOnly(ActivationScheme.staticPerTensor(DataType.S8, false)),
      LayerScheme.activationsOnly(ActivationScheme.dynamicPerToken()),
      LayerScheme.activationsOnly(ActivationScheme.dynamicPerTensor()));

  /** x as it is after quantization, from the definition. */
  private static double[] rounded(QuantizedLinear layer, float[] x) {
    double[] result = new double[x.length];
    int in = layer.layer().in();
    ActivationScheme activations = layer.scheme().activations().orElse(null);
    for (int i = 0; i < x.length; i++) {
      if (activations == null) {
        result[i] = x[i];
        continue;
      }
      int row = i / in * in;
      int from = 0;
      int to = x.length;
      if (activations.granularity() == ActivationScheme.Granularity.PER_TOKEN) {
        from = row;
        to = row + in;
      } else if (activations.granularity() == ActivationScheme.Granularity.PER_TOKEN_AND_GROUP) {
        int group = layer.weights().orElseThrow().quantization().groupSize();
        from = row + (i - row) / group * group;
        to = Math.min(from + group, row + in);
      }
      float scale;
      int zeroPoint;
      if (layer.input().isPresent()) {
        scale = layer.input().get().scale(0);
        zeroPoint = layer.input().get().zeroPoint(0);
      } else {
        float min = 0;
        float max = 0;
        for (int j = from; j < to; j++) {
          min = Math.min(min, x[j]);
          max = Math.max(max, x[j]);
        }
        scale = activations.symmetric() ? Math.max(-min, max) / 127 : (max - min) / 255;
        zeroPoint = activations.symmetric() ? 0 : (int) Math.rint(-min / scale);
      }
      int lo = activations.type().min();
      result[i] = (Math.clamp((int) Math.rint(x[i] / scale) + (long) zeroPoint, lo, lo + 255) - zeroPoint)
          * (double) scale;
    }
    return result;
  }

  @Test
  void everySchemeRunsAsItIsDefined() {
    long seed = 1234;
    Random random = new Random(seed);
    Linear layer = Networks.layer(random, "x", 24, 80);
    Linear noBias = layer.with(layer.weights(), null);
    for (LayerScheme scheme : SCHEMES) {
      for (Linear linear : List.of(layer, noBias)) {
        Model model = Model.of(List.of(linear), (x, net) -> net.run("x", x));
        Calibration calibration = Calibration.of(model, CalibrationMethod.minMax());
        calibration.observe(gaussian(random, 800, 1));
        QuantizedModel quantized = PostTraining.of(model, QuantizationScheme.of(scheme))
            .calibration(calibration)
            .quantize();
        QuantizedLinear result = quantized.layer("x").orElseThrow();
        float[] x = gaussian(random, 5 * 80, 1);
        double[] roundedX = rounded(result, x);
        float[] y = model.run(x, quantized.prepare(octet));
        for (int r = 0; r < 5; r++) {
          for (int o = 0; o < 24; o++) {
            double expected = linear.bias() == null ? 0 : linear.bias()[o];
            double size = Math.abs(expected);
            for (int i = 0; i < 80; i++) {
              int index = o * 80 + i;
              double product = roundedX[r * 80 + i]
                  * result.weights().map(w -> w.real(index)).orElse(linear.weights()[index]);
              expected += product;
              size += Math.abs(product);
            }
            assertEquals(expected, y[r * 24 + o], 2e-6 * size,
                "seed " + seed + " " + scheme + " row " + r + " output " + o);
          }
        }
        assertEquals(0, model.run(new float[0], quantized.prepare(octet)).length, "no rows");
      }
    }
  }

  @Test
  void presetsAreAsGoodAsTheirBits() {
    Random random = new Random(2);
    Model model = Networks.threeLayers(random);
    List<float[]> samples = Networks.samples(random, 4, 20);
    Calibration calibration = Calibration.of(model, CalibrationMethod.minMax());
    samples.forEach(calibration::observe);
    double[] least = {30, 35, 38, 14, 14, 10};
    double[] most = {50, 55, 60, 30, 30, 25};
    List<QuantizationScheme> presets = List.of(QuantizationScheme.int8Static(),
        QuantizationScheme.int8Dynamic(),
        QuantizationScheme.int8WeightOnly(), QuantizationScheme.int4WeightOnly(),
        QuantizationScheme.int4Dynamic(), QuantizationScheme.int4Static());
    for (int i = 0; i < presets.size(); i++) {
      QuantizedModel quantized = PostTraining.of(model, presets.get(i)).calibration(calibration).quantize();
      double sqnr = QuantizationReport.measure(quantized, octet, samples, 10).output().sqnr();
      assertTrue(sqnr > least[i] && sqnr < most[i], presets.get(i) + ": " + sqnr + " dB");
    }
  }

  @Test
  void calibrationIsSpreadOverWorkers() {
    Random random = new Random(3);
    Model model = Networks.threeLayers(random);
    List<float[]> samples = Networks.samples(random, 6, 4);
    Calibration all = Calibration.of(model, CalibrationMethod.entropy());
    Calibration one = Calibration.of(model, CalibrationMethod.entropy());
    Calibration two = Calibration.of(model, CalibrationMethod.entropy());
    for (int i = 0; i < 6; i++) {
      all.observe(samples.get(i));
      (i % 2 == 0 ? one : two).observe(samples.get(i));
    }
    one.merge(two);
    QuantizedModel together = PostTraining.of(model, QuantizationScheme.int8Static()).calibration(one)
        .quantize();
    QuantizedModel alone = PostTraining.of(model, QuantizationScheme.int8Static()).calibration(all)
        .quantize();
    for (QuantizedLinear layer : alone.layers()) {
      assertEquals(layer.input(), together.layer(layer.name()).orElseThrow().input());
      assertTrue(layer.input().isPresent());
    }
    assertEquals(24, one.moments("head").rows());
  }

  @Test
  void methodsForFourBitsPay() {
    Random random = new Random(4);
    Linear layer = Networks.layer(random, "x", 40, 128);
    Model model = Model.of(List.of(layer), (x, net) -> net.run("x", x));
    float[] x = WeightsTest.correlated(random, 400, 128);
    Calibration calibration = Calibration.withProducts(model, CalibrationMethod.minMax());
    calibration.observe(x);
    double nearest = sqnr(model, calibration, PostTraining.Weights.NEAREST, x);
    double clipping = sqnr(model, calibration, PostTraining.Weights.CLIPPING, x);
    double gptq = sqnr(model, calibration, PostTraining.Weights.GPTQ, x);
    assertTrue(clipping > nearest + 0.5, "clipping " + clipping + " dB, nearest " + nearest);
    assertTrue(gptq > nearest + 4, "GPTQ " + gptq + " dB, nearest " + nearest);
  }

  private static double sqnr(Model model, Calibration calibration, PostTraining.Weights method, float[] x) {
    QuantizationScheme scheme = QuantizationScheme
        .of(LayerScheme.weightsOnly(WeightScheme.perChannel(DataType.S4, true)));
    QuantizedModel quantized = PostTraining.of(model, scheme).calibration(calibration).weights(method)
        .correctBias()
        .quantize();
    return QuantizationReport.measure(quantized, octet, List.of(x), 40).output().sqnr();
  }

  @Test
  void smoothingKeepsTheFunctionAndSavesInputsWithOutliers() {
    for (int seed = 0; seed < 3; seed++) {
      Random random = new Random(seed);
      Linear first = Networks.layer(random, "first", 64, 80);
      float[] outliers = new float[64];
      for (int i = 0; i < 64; i++) {
        outliers[i] = i % 16 == 3 ? 60 : 1;
      }
      Linear a = Networks.layer(random, "a", 16, 64);
      Linear b = Networks.layer(random, "b", 16, 64);
      Model model = Model.of(List.of(first.scaleOutputs(outliers), a, b), (x, net) -> {
        float[] hidden = WeightsTest.relu(net.run("first", x));
        float[] sum = net.run("a", hidden);
        float[] other = net.run("b", hidden);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += other[i];
        }
        return sum;
      });
      List<float[]> samples = Networks.samples(random, 3, 20);
      Calibration before = Calibration.of(model, CalibrationMethod.minMax());
      samples.forEach(before::observe);
      Model smooth = SmoothQuant.apply(model, before, 0.5f, "first", "a", "b");
      double same = Accuracy.of(model.run(samples.get(0)), smooth.run(samples.get(0)), 16, 1).sqnr();
      assertTrue(same > 120, "seed " + seed + ": " + same + " dB from the same function");
      Calibration after = Calibration.of(smooth, CalibrationMethod.minMax());
      samples.forEach(after::observe);
      QuantizationScheme scheme = QuantizationScheme.int8Static();
      double rough = QuantizationReport.measure(
          PostTraining.of(model, scheme).calibration(before).quantize(), octet, samples, 16).output().sqnr();
      double smoothed = QuantizationReport.measure(
          PostTraining.of(smooth, scheme).calibration(after).quantize(), octet, samples, 16).output().sqnr();
      assertTrue(smoothed > rough + 2, "seed " + seed + ": " + rough + " dB, then " + smoothed);
    }
  }

  @Test
  void theLayersThatHurtMostStayInFloat() {
    Random random = new Random(5);
    Model plain = Networks.threeLayers(random);
    // fc2 has a weight so large that the others of its row round to nothing, for a feature that is always 0
    float[] bias = plain.layer("fc1").bias().clone();
    bias[0] = -100;
    float[] weights = plain.layer("fc2").weights().clone();
    for (int row = 0; row < 64; row++) {
      weights[row * 96] = 4;
    }
    Model model = plain.with(plain.layer("fc1").with(plain.layer("fc1").weights(), bias),
        plain.layer("fc2").with(weights, plain.layer("fc2").bias()));
    List<float[]> samples = Networks.samples(random, 2, 20);
    QuantizedModel quantized = PostTraining.of(model, QuantizationScheme.int4Static().override("*",
        LayerScheme.weightsOnly(WeightScheme.perChannel(DataType.S4, true)))).quantize();
    Sensitivity sensitivity = Sensitivity.measure(quantized, octet, samples, 10);
    assertEquals("fc2", sensitivity.rows().getFirst().name());
    assertEquals(3, sensitivity.rows().size());
    assertTrue(sensitivity.rows().get(0).output().sqnr() < sensitivity.rows().get(1).output().sqnr());
    QuantizedModel mixed = sensitivity.keepInFloat(1);
    assertEquals(List.of("fc1", "head"), mixed.layers().stream().map(QuantizedLinear::name).toList());
    assertEquals(Optional.empty(), mixed.layer("fc2"));
    double all = QuantizationReport.measure(quantized, octet, samples, 10).output().sqnr();
    double some = QuantizationReport.measure(mixed, octet, samples, 10).output().sqnr();
    assertTrue(some > all + 3, all + " dB, then " + some);
    assertTrue(mixed.bytes() > quantized.bytes());
    float[] none = model.run(samples.get(0), sensitivity.keepInFloat(3).prepare(octet));
    assertArrayEquals(model.run(samples.get(0)), none);
    String table = sensitivity.table();
    assertEquals(4, table.lines().count(), table);
    assertTrue(table.lines().skip(1).findFirst().orElseThrow().startsWith("fc2 "), table);
    refused("n: expected >= 0, got -1", () -> sensitivity.keepInFloat(-1));
  }

  @Test
  void whatIsMissingIsNamed() {
    Random random = new Random(6);
    Model model = Networks.threeLayers(random);
    refused("calibration: not given, and a static scale needs one",
        () -> PostTraining.of(model, QuantizationScheme.int8Static()).quantize());
    refused("calibration: not given, and bias correction needs one",
        () -> PostTraining.of(model, QuantizationScheme.int8Dynamic()).correctBias().quantize());
    refused("calibration: not given, and GPTQ needs one", () -> PostTraining
        .of(model, QuantizationScheme.int4Dynamic()).weights(PostTraining.Weights.GPTQ).quantize());
    Calibration calibration = Calibration.of(model, CalibrationMethod.minMax());
    assertEquals("fc1.input: no values were observed",
        assertThrows(IllegalStateException.class, () -> PostTraining
            .of(model, QuantizationScheme.int8Static()).calibration(calibration).quantize()).getMessage());
    float[] bad = new float[160];
    bad[83] = Float.NaN;
    refused("fc1.input[1, 3]: expected a finite number, got NaN", () -> calibration.observe(bad));
    calibration.observe(new float[80]);
    assertEquals("fc1.input: products of features were not collected",
        assertThrows(IllegalStateException.class,
            () -> PostTraining.of(model, QuantizationScheme.int4Dynamic())
                .weights(PostTraining.Weights.GPTQ).calibration(calibration).quantize())
            .getMessage());
    refused("layer fc9: expected one of [fc1, fc2, head]", () -> model.layer("fc9"));
    refused("layers: fc1 is there twice", () -> Model.of(List.of(model.layer("fc1"), model.layer("fc1")),
        (x, net) -> x));
    refused("layers: expected head [out 10, in 64], got head [out 9, in 64]",
        () -> model.with(Networks.layer(random, "head", 9, 64)));
  }

  @Test
  void partsOfAQuantizedLayerMustFit() {
    Linear layer = Networks.layer(new Random(7), "x", 4, 32);
    LayerScheme scheme = SCHEMES.getFirst();
    QTensor weights = ClippingSearch.fullRange(layer, scheme.weights().orElseThrow());
    assertEquals(Granularity.PER_CHANNEL, weights.quantization().granularity());
    Optional<Quantization> input = Optional.of(Quantization.perTensor(1, 3));
    // 128 integers, 4 scales, 4 biases
    assertEquals(128 + 16 + 16, new QuantizedLinear(layer, scheme, Optional.of(weights), input).bytes());
    assertEquals(4 * (128 + 4), QuantizedLinear.floatBytes(layer));
    refused("x.input: expected a scale, got none",
        () -> new QuantizedLinear(layer, scheme, Optional.of(weights), Optional.empty()));
    assertThrows(IllegalArgumentException.class,
        () -> new QuantizedLinear(layer, scheme, Optional.empty(), input));
    assertThrows(IllegalArgumentException.class,
        () -> new QuantizedLinear(Networks.layer(new Random(1), "x", 5, 32),
            scheme, Optional.of(weights), input));
  }
}

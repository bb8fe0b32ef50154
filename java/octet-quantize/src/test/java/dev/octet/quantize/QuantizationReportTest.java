package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the report says of a model, against the model. */
class QuantizationReportTest {
  @Test
  void figuresAreThoseOfTheModel() throws IOException {
    Random random = new Random(11);
    Model model = Networks.threeLayers(random);
    List<float[]> samples = Networks.samples(random, 3, 5);
    Calibration calibration = Calibration.of(model, CalibrationMethod.minMax());
    samples.forEach(calibration::observe);
    QuantizedModel quantized = PostTraining.of(model, QuantizationScheme.int8Static().exclude("fc2"))
        .calibration(calibration).quantize();
    try (Octet octet = Octet.builder().threads(1).open()) {
      QuantizationReport report = QuantizationReport.measure(quantized, octet, samples, 10);
      AccuracyMeter meter = new AccuracyMeter(10, 5);
      for (float[] sample : samples) {
        meter.add(model.run(sample), model.run(sample, quantized.prepare(octet)));
      }
      assertEquals(meter.result(), report.output());
      assertEquals(List.of("fc1", "fc2", "head"),
          report.layers().stream().map(QuantizationReport.Layer::name).toList());
      QuantizationReport.Layer first = report.layers().get(0);
      assertEquals(first.own(), first.run(), "nothing comes before it");
      assertEquals(4 * (96 * 80 + 96), first.floatBytes());
      assertEquals(96 * 80 + 8 * 96, first.bytes());
      QuantizationReport.Layer floats = report.layers().get(1);
      assertEquals("F32", floats.scheme());
      assertEquals(Double.POSITIVE_INFINITY, floats.own().sqnr());
      assertTrue(floats.run().sqnr() < 60, "errors come from the layer before");
      assertEquals(Optional.empty(), floats.weightClip());
      QuantizationReport.Layer head = report.layers().get(2);
      assertTrue(head.own().sqnr() > head.run().sqnr());
      Accuracy output = report.output();
      assertEquals(new Accuracy(output.sqnr(), output.cosine(), output.maxError(), output.divergence(),
          output.top1(), output.top1(), 1, output.rows()), head.run(), "the head is the output");
      // what integers cover: symmetric weights to the largest one, inputs from 0
      float absmax = 0;
      for (float w : model.layer("head").weights()) {
        absmax = Math.max(absmax, Math.abs(w));
      }
      assertEquals(absmax, head.weightClip().orElseThrow().max(), 1e-6);
      assertEquals(-absmax, head.weightClip().orElseThrow().min(), 1e-6);
      assertEquals(0, head.inputClip().orElseThrow().min());
      assertEquals(calibration.observer("head").channel(0).max, head.inputClip().orElseThrow().max(), 1e-5);
      // distributions hold all weights and all inputs
      assertEquals(640, Arrays.stream(head.weights().counts()).sum());
      assertEquals(15 * 64, Arrays.stream(head.inputs().counts()).sum());
      assertTrue(head.weights().counts().length <= 128);
      assertTrue(head.weights().from() <= -absmax || head.weights().from() + head.weights().width()
          * head.weights().counts().length >= absmax);
      assertEquals(quantized.bytes(), report.bytes());
      assertEquals(model.layers().stream().mapToLong(QuantizedLinear::floatBytes).sum(), report.floatBytes());

      String table = report.table();
      assertEquals(6, table.lines().count(), table);
      assertTrue(table.contains("exact") && table.contains("top-5"), table);
      JsonNode json = new ObjectMapper().readTree(report.toJson());
      assertEquals(report.output().sqnr(), json.path("output").path("sqnr").doubleValue());
      assertTrue(json.path("layers").path(1).path("own").path("sqnr").isNull());
      assertEquals(report.bytes(), json.path("bytes").longValue());
      assertEquals("head", json.path("layers").path(2).path("name").textValue());
    }
  }

  @Test
  void distributionsByHand() {
    Histogram histogram = new Histogram();
    histogram.growFor(3);
    for (float x : new float[]{-1, 0, 0.0005f, 3}) {
      histogram.add(x);
    }
    // bins of 1 / 1024 from -1 to 3: 4097 of them, joined by 33
    Distribution distribution = Distribution.of(histogram);
    assertEquals(-1, distribution.from());
    assertEquals(33 / 1024.0, distribution.width());
    assertEquals(125, distribution.counts().length);
    assertEquals(1, distribution.counts()[0]);
    assertEquals(2, distribution.counts()[1024 / 33]);
    assertEquals(1, distribution.counts()[124]);
    Histogram zeros = new Histogram();
    zeros.add(0);
    assertArrayEquals(new long[]{1}, Distribution.of(zeros).counts());
  }

  @Test
  void aModelThatRunsOtherLayersTheSecondTimeIsRefused() {
    Random random = new Random(12);
    Linear a = Networks.layer(random, "a", 4, 4);
    Linear b = Linear.of("b", a.weights(), Shape.of(4, 4), WeightLayout.OUT_IN, null);
    AtomicInteger runs = new AtomicInteger();
    Model model = Model.of(List.of(a, b),
        (x, net) -> net.run(runs.getAndIncrement() % 2 == 0 ? "a" : "b", x));
    QuantizedModel quantized = PostTraining.of(model, QuantizationScheme.int8Dynamic()).quantize();
    try (Octet octet = Octet.builder().threads(1).open()) {
      assertThrows(IllegalStateException.class,
          () -> QuantizationReport.measure(quantized, octet, List.of(new float[4]), 4));
    }
  }
}

package dev.octet.quantize.example;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.quantize.Calibration;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Linear;
import dev.octet.quantize.Model;
import dev.octet.quantize.PostTraining;
import dev.octet.quantize.QuantizationReport;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.QuantizedModel;
import dev.octet.quantize.Sensitivity;
import dev.octet.quantize.report.HtmlReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The example of the package: the lines between the two marks stand there word for word. */
final class QuantizeNetwork {
  private QuantizeNetwork() {}

  static String run(float[] w1, float[] b1, float[] w2, float[] b2, List<float[]> samples, Path file)
      throws IOException {
    // EXAMPLE
    Linear fc1 = Linear.of("fc1", w1, Shape.of(64, 32), WeightLayout.OUT_IN, b1);
    Linear fc2 = Linear.of("fc2", w2, Shape.of(10, 64), WeightLayout.OUT_IN, b2);
    Model model = Model.of(List.of(fc1, fc2), (x, net) -> net.run("fc2", relu(net.run("fc1", x))));

    Calibration calibration = Calibration.of(model, CalibrationMethod.entropy());
    samples.forEach(calibration::observe);
    QuantizedModel int8 = PostTraining.of(model, QuantizationScheme.int8Static())
        .calibration(calibration)
        .correctBias()
        .quantize();

    try (Octet octet = Octet.open()) {
      Sensitivity sensitivity = Sensitivity.measure(int8, octet, samples, 10);
      QuantizedModel mixed = sensitivity.keepInFloat(1);
      QuantizationReport report = QuantizationReport.measure(mixed, octet, samples, 10);
      System.out.print(report.table());
      HtmlReport.write("My network", report, file);
      float[] logits = model.run(samples.getFirst(), int8.prepare(octet));
      // EXAMPLE
      return report.table() + logits.length;
    }
  }

  private static float[] relu(float[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(x[i], 0);
    }
    return y;
  }
}

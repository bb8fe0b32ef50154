package dev.octet.bench.loads;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.octet.Octet;
import dev.octet.bench.child.Told;
import dev.octet.bench.subject.OrtTensors;
import dev.octet.harness.report.Rounds;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import dev.octet.onnx.PreparedOnnx;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A JVM that loads a model some times: {@code OnnxModel.open} and {@code prepare} to int8, or the session of
 * ONNX Runtime with its defaults. Octet and the environment of ONNX Runtime are open before.
 */
final class LoadCall {
  /** The first argument where Octet loads; else ONNX Runtime does. */
  static final String OCTET = "octet";

  private LoadCall() {}

  /** Who loads, the file, and how often beyond the first time. */
  public static void main(String[] args) throws IOException, OrtException {
    double[] later = new double[Integer.parseInt(args[2])];
    Path file = Path.of(args[1]);
    double first;
    if (args[0].equals(OCTET)) {
      try (Octet octet = Octet.open()) {
        first = prepare(octet, file);
        for (int i = 0; i < later.length; i++) {
          later[i] = prepare(octet, file);
        }
      }
    } else {
      OrtEnvironment environment = OrtTensors.environment();
      first = createSession(environment, file);
      for (int i = 0; i < later.length; i++) {
        later[i] = createSession(environment, file);
      }
    }
    Told.tell("first in a JVM", "ms", first);
    Told.tell("later ones", "ms", Rounds.quantile(later, 0.5));
    Told.tellPeak();
  }

  private static double prepare(Octet octet, Path file) {
    OnnxOptions options = OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic());
    long start = System.nanoTime();
    PreparedOnnx prepared;
    try (OnnxModel model = OnnxModel.open(file)) {
      prepared = model.prepare(octet, options);
    }
    double millis = (System.nanoTime() - start) * 1e-6;
    prepared.close();
    return millis;
  }

  private static double createSession(OrtEnvironment environment, Path file) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      long start = System.nanoTime();
      OrtSession session = environment.createSession(file.toString(), options);
      double millis = (System.nanoTime() - start) * 1e-6;
      session.close();
      return millis;
    }
  }
}

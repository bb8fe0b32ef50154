package dev.octet.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.octet.Octet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Times loading a model, with the memory of this process, on Linux: {@code OnnxModel.open} and
 * {@code prepare}, or the session of ONNX Runtime with its defaults. Octet and the environment of ONNX
 * Runtime are opened before. The first time is that of a JVM that has loaded no model yet. No test: a main
 * program for the class path of the tests. Arguments: octet or onnxruntime, the file, for Octet with
 * {@code ,int8} behind it to be quantized dynamically, and how often.
 */
final class LoadTimes {
  private static final String INT8 = ",int8";

  private LoadTimes() {}

  public static void main(String[] arguments) throws OrtException, IOException {
    double[] times = new double[Integer.parseInt(arguments[2])];
    if (arguments[0].equals("octet")) {
      octet(arguments[1], times);
    } else {
      onnxRuntime(arguments[1], times);
    }
    double first = times[0];
    Arrays.sort(times);
    Runtime runtime = Runtime.getRuntime();
    System.out.printf("%s, %s: first %.0f ms, median of %d %.0f ms; heap in use %d MB; %s%n", arguments[0],
        Path.of(arguments[1]).getFileName(), first, times.length, times[times.length / 2],
        (runtime.totalMemory() - runtime.freeMemory()) >> 20,
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow());
  }

  private static void octet(String name, double[] times) {
    boolean int8 = name.endsWith(INT8);
    Path path = Path.of(int8 ? name.substring(0, name.length() - INT8.length()) : name);
    OnnxOptions options = int8
        ? OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic())
        : OnnxOptions.defaults();
    try (Octet octet = Octet.open()) {
      for (int i = 0; i < times.length; i++) {
        long start = System.nanoTime();
        PreparedOnnx prepared;
        try (OnnxModel model = OnnxModel.open(path)) {
          prepared = model.prepare(octet, options);
        }
        times[i] = (System.nanoTime() - start) / 1e6;
        prepared.close();
      }
    }
  }

  private static void onnxRuntime(String name, double[] times) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      for (int i = 0; i < times.length; i++) {
        long start = System.nanoTime();
        OrtSession session = environment.createSession(name, options);
        times[i] = (System.nanoTime() - start) / 1e6;
        session.close();
      }
    }
  }
}

package dev.octet.cli;

import dev.octet.Octet;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxQuantization;
import dev.octet.onnx.QuantizedOnnx;
import dev.octet.quantize.file.OutputFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code octet quantize} of a whole ONNX model.
 *
 * @param in the model
 * @param out the quantized one
 * @param screen what is said
 */
record QuantizeModel(Path in, Path out, Screen screen) {
  /**
   * Quantizes.
   *
   * @param scheme int8-dynamic or int8-static
   * @param calibration sample data of the static scheme; null of the dynamic one
   * @param observer how ranges are found in these
   * @param include names of nodes; none for all
   * @param exclude names of nodes
   */
  int quantize(Scheme scheme, Path calibration, ObserverMethod observer, List<String> include,
      List<String> exclude) {
    long start = System.nanoTime();
    QuantizedOnnx quantized;
    try (Octet octet = Octet.open();
        OnnxModel model = OnnxModel.open(in);
        SampleFile samples = calibration == null ? null : new SampleFile(calibration, model.inputs())) {
      OutputFile.refuseInputs("--output", out, calibration == null ? List.of() : List.of(calibration));
      OnnxQuantization all = samples == null
          ? OnnxQuantization.int8Dynamic()
          : OnnxQuantization.int8Static(samples.runs(), observer.method());
      OnnxQuantization included = include.isEmpty() ? all : all.include(include.toArray(new String[0]));
      quantized = model.quantize(octet, included.exclude(exclude.toArray(new String[0])));
      quantized.write(out);
    }
    long before = size(in);
    screen.say("%s: %d nodes quantized as %s; %s before, %s after, in %s".formatted(
        Plain.text(out.toString()), quantized.quantized().size(), scheme, Screen.bytes(before),
        Screen.bytes(quantized.bytes()), Screen.seconds(System.nanoTime() - start)));
    if (!quantized.kept().isEmpty()) {
      screen.say("@|yellow as they were:|@ " + Plain.text(String.join(", ", quantized.kept())));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("output", out.toString());
    json.put("scheme", scheme.toString());
    if (calibration != null) {
      json.put("observer", observer.text());
    }
    json.put("quantized", quantized.quantized());
    json.put("kept", quantized.kept());
    json.put("bytesBefore", before);
    json.put("bytesAfter", quantized.bytes());
    screen.json(json);
    return 0;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}

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
import java.util.stream.Collectors;

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
   * @param outputRatio how near outputs are to be, in decibels; null for all nodes
   * @param include names of nodes; none for all
   * @param exclude names of nodes
   */
  int quantize(Scheme scheme, Path calibration, ObserverMethod observer, Double outputRatio,
      List<String> include, List<String> exclude) {
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
      OnnxQuantization chosen = included.exclude(exclude.toArray(new String[0]));
      quantized = model.quantize(octet, outputRatio == null ? chosen : chosen.outputRatio(outputRatio));
      quantized.write(out);
    }
    long before = size(in);
    screen.say("%s: %d nodes quantized as %s; %s before, %s after, in %s".formatted(
        Plain.text(out.toString()), quantized.quantized().size(), scheme, Screen.bytes(before),
        Screen.bytes(quantized.bytes()), Screen.seconds(System.nanoTime() - start)));
    if (!quantized.kept().isEmpty()) {
      screen.say("@|yellow as they were:|@ " + Plain.text(String.join(", ", quantized.kept())));
    }
    if (outputRatio != null) {
      screen.say("outputs on the samples: %.1f dB of signal to noise%s".formatted(
          quantized.outputRatio().getAsDouble(), quantized.harm().isEmpty()
              ? ""
              : "; each node alone: " + Plain.text(quantized.harm().entrySet().stream()
                  .map(node -> "%s %.1f".formatted(node.getKey(), node.getValue()))
                  .collect(Collectors.joining(", ")))));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("output", out.toString());
    json.put("scheme", scheme.toString());
    if (calibration != null) {
      json.put("observer", observer.text());
    }
    json.put("quantized", quantized.quantized());
    json.put("kept", quantized.kept());
    if (outputRatio != null) {
      json.put("outputRatio", quantized.outputRatio().getAsDouble());
      json.put("harm", quantized.harm());
    }
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

package dev.octet.cli;

import dev.octet.Octet;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxQuantization;
import dev.octet.onnx.QuantizedOnnx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/**
 * {@code octet quantize} of a whole ONNX model.
 *
 * @param spec of the command
 * @param in the model
 * @param out the quantized one
 * @param screen what is said
 */
record QuantizeModel(CommandSpec spec, Path in, Path out, Screen screen) {
  int quantize(Scheme scheme, OnnxQuantization how) {
    long start = System.nanoTime();
    QuantizedOnnx quantized;
    try (Octet octet = Octet.builder().threads(1).open(); OnnxModel model = OnnxModel.open(in)) {
      quantized = model.quantize(octet, how);
      quantized.write(out);
    }
    long before = size(in);
    screen.say("%s: %d nodes quantized as %s; %s before, %s after, in %s".formatted(
        Plain.text(out.toString()), quantized.quantized().size(), how, Screen.bytes(before),
        Screen.bytes(quantized.bytes()), Screen.seconds(System.nanoTime() - start)));
    if (!quantized.kept().isEmpty()) {
      screen.say("@|yellow as they were:|@ " + Plain.text(String.join(", ", quantized.kept())));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("output", out.toString());
    all.put("scheme", scheme.toString());
    all.put("quantized", quantized.quantized());
    all.put("kept", quantized.kept());
    all.put("bytesBefore", before);
    all.put("bytesAfter", quantized.bytes());
    screen.json(all);
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

package dev.octet.cli;

import dev.octet.BlockFormat;
import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.GgufQuantizer;
import dev.octet.quantize.file.GgufTensor;
import dev.octet.quantize.file.MalformedFileException;
import dev.octet.quantize.file.QuantizationSummary;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code octet quantize} of a GGUF file to blocks.
 *
 * @param in the file, or the first of its parts
 * @param out the quantized one
 * @param screen what is said
 */
record QuantizeGguf(Path in, Path out, Screen screen) {
  /**
   * Quantizes.
   *
   * @param format of the blocks
   * @param layers which are quantized
   */
  int quantize(BlockFormat format, LayerGlobs layers) {
    if (Files.exists(in) && !GgufFile.isAt(in)) {
      throw new MalformedFileException(in
          + ": expected a GGUF file for a GGUF output: other files have not the"
          + " names and metadata that a model has there, and none are made up; convert the model to GGUF first"
          + " (convert_hf_to_gguf.py of llama.cpp), or write safetensors");
    }
    long start = System.nanoTime();
    QuantizationSummary summary;
    List<String> warnings;
    long before;
    long after;
    try (GgufFile file = GgufFile.open(in); Screen.Bar bar = screen.bar("quantizing")) {
      warnings = layers.unmatched(file.names());
      before = file.tensors().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
      summary = GgufQuantizer.quantize(file, out, format, layers::holds, bar);
      after = summary.entries().stream().mapToLong(entry -> bytes(file.tensor(entry.tensor()), entry, format))
          .sum();
    }
    List<String> quantized = summary.names(Outcome.QUANTIZED);
    if (quantized.isEmpty()) {
      screen.say("@|yellow no tensor was quantized|@");
    }
    warnings.forEach(warning -> screen.say("@|yellow warning:|@ " + Plain.text(warning)));
    screen.say("%s: %d tensors quantized as %s; %s before, %s after, in %s".formatted(
        Plain.text(out.toString()), quantized.size(), format, Screen.bytes(before), Screen.bytes(after),
        Screen.seconds(System.nanoTime() - start)));
    SummaryText.say(screen, summary);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("output", out.toString());
    all.put("scheme", format.name());
    all.put("quantized", quantized);
    all.put("tensors", SummaryText.json(summary));
    all.put("warnings", warnings);
    all.put("bytesBefore", before);
    all.put("bytesAfter", after);
    screen.json(all);
    return 0;
  }

  private static long bytes(GgufTensor tensor, QuantizationSummary.Entry entry, BlockFormat format) {
    return entry.outcome() == Outcome.QUANTIZED
        ? tensor.shape().elements() / format.elements() * format.bytes()
        : tensor.data().byteSize();
  }
}

package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Entry;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Quantizes a file and holds what is true of every file: no tensor is lost, and the summary says what is. */
final class NothingIsLost {
  private NothingIsLost() {}

  static QuantizationSummary quantize(Path in, Path out, QuantizationScheme scheme) {
    try (WeightFile before = WeightFile.open(in)) {
      QuantizationSummary summary = WeightQuantizer.quantize(before, out, new SchemeChoice(scheme),
          WeightQuantizer.Method.NEAREST, List.of(), Map.of(), (name, done, total) -> {
          });
      try (WeightFile after = WeightFile.open(out)) {
        hold(in + " as " + scheme, before, after, summary);
      } catch (MalformedFileException e) {
        throw new AssertionError(in + " as " + scheme + ": the output is no file of weights", e);
      }
      return summary;
    }
  }

  private static void hold(String what, WeightFile before, WeightFile after, QuantizationSummary summary) {
    List<String> names = before.tensors().stream().map(StoredTensor::name).toList();
    assertEquals(names, summary.entries().stream().map(Entry::tensor).toList(), what);
    Set<String> written = new HashSet<>();
    after.tensors().forEach(tensor -> written.add(tensor.name()));
    assertTrue(written.containsAll(names), what + ": " + names + " became " + written);
    Set<String> quantized = new HashSet<>(summary.names(Outcome.QUANTIZED));
    quantized.addAll(summary.names(Outcome.KEPT));
    written.removeAll(names);
    for (String name : written) {
      String weight = name.replaceFirst("(_scale|_zero_point)$", "");
      assertTrue(quantized.contains(weight), what + ": " + name + " belongs to no quantized weight");
    }
    assertEquals(quantized, new HashSet<>(after.quantizedNames()), what);
    // What is not read in the input is not read in the output either, and says so there.
    assertEquals(before.foreign(), after.foreign().stream()
        .filter(weights -> before.foreign().contains(weights) || !weights.format().equals("an unread form"))
        .toList(), what);
    for (Entry entry : summary.entries()) {
      StoredTensor was = before.tensor(entry.tensor());
      switch (entry.outcome()) {
        case QUANTIZED, KEPT -> {
          String form = after.quantized(entry.tensor()).type() + " per "
              + after.quantized(entry.tensor()).quantization().granularity().name().substring(4)
                  .toLowerCase(java.util.Locale.ROOT);
          assertTrue(entry.what().startsWith(form), what + ": " + entry + " is " + form);
          assertTrue(after.isOurs(entry.tensor()), what + ": " + entry);
        }
        case COPIED -> assertEquals(-1, was.data().mismatch(after.tensor(entry.tensor()).data()),
            what + ": " + entry);
        case PARAMETER -> {
          // in the form of the output
        }
      }
    }
  }
}

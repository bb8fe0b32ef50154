package dev.octet.cli;

import dev.octet.quantize.file.QuantizationSummary;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What became of the tensors of a file, for people and as JSON. */
final class SummaryText {
  private SummaryText() {}

  static void say(Screen screen, QuantizationSummary summary) {
    line(screen, "  quantized: ", summary.text(Outcome.QUANTIZED));
    line(screen, "  carried over: ", already(summary.counts(Outcome.KEPT)));
    line(screen, "  copied: ", summary.text(Outcome.COPIED));
  }

  /**
   * What was quantized before.
   *
   * @param counts from forms to how many weights have them
   * @return such as {@code 119 weights are quantized already: U8 per tensor}; empty where there are none
   */
  static String already(Map<String, Long> counts) {
    if (counts.isEmpty()) {
      return "";
    }
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    String forms = counts.size() == 1
        ? counts.keySet().iterator().next()
        : counts.entrySet().stream().map(e -> e.getValue() + " " + e.getKey())
            .collect(Collectors.joining(", "));
    return all + (all == 1 ? " weight is" : " weights are") + " quantized already: " + forms;
  }

  private static void line(Screen screen, String what, String counts) {
    if (!counts.isEmpty()) {
      screen.say(what + Plain.text(counts));
    }
  }

  static List<Map<String, String>> json(QuantizationSummary summary) {
    return summary.entries().stream().map(entry -> Map.of("name", entry.tensor(), "outcome",
        switch (entry.outcome()) {
          case QUANTIZED -> "quantized";
          case KEPT -> "quantized already";
          case PARAMETER -> "parameter";
          case COPIED -> "copied";
        }, "as", entry.what())).toList();
  }
}

package dev.octet.cli;

import dev.octet.quantize.file.QuantizationSummary;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.util.List;
import java.util.Map;

/** What became of the tensors of a file, for people and as JSON. */
final class SummaryText {
  private SummaryText() {}

  static void say(Screen screen, QuantizationSummary summary) {
    line(screen, "  quantized: ", summary.text(Outcome.QUANTIZED));
    line(screen, "  quantized already, carried over: ", summary.text(Outcome.KEPT));
    line(screen, "  copied: ", summary.text(Outcome.COPIED));
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

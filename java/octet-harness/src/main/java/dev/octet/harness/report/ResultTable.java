package dev.octet.harness.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The table for a person: for each op, shape and number of threads every form and peer, beside FP32, beside
 * oneDNN called from C in the same form, and beside the limit.
 */
public final class ResultTable {
  /** How to read it. */
  public static final String LEGEND = """
      median us: of all iterations of all JVMs (onednn-c, limits: of all samples). GOPS: billions of operations a second, a
      product and its addition being two, padded taps included; of element-wise ops elements. x f32: times faster than FP32
      by oneDNN on the same shape and threads. x onednn-c: times faster than oneDNN called from C in the same form. of
      limit: share of what the machine could do (line "limit"). B/op: Java garbage of a warm run.""";

  /** FP32 to compare with, the first that was measured. */
  private static final List<String> FLOAT_PEERS = List.of("onednn-c", "octet-onednn", "ort");

  private record Group(String op, String shape, int threads) {}

  private final Map<Group, List<Measurement>> groups = new LinkedHashMap<>();

  /** Makes a table of measurements, groups and forms in the order of their first row. */
  public ResultTable(List<Measurement> rows) {
    for (Measurement row : rows) {
      groups.computeIfAbsent(new Group(row.op(), row.shape(), row.threads()), group -> new ArrayList<>())
          .add(row);
    }
  }

  /** The lines of the table. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    groups.forEach((group, rows) -> {
      lines.add("");
      lines.add(group.op + " " + group.shape + ", " + group.threads
          + (group.threads == 1 ? " thread" : " threads"));
      lines.add(String.format("  %-12s %-13s %12s %9s %7s %10s %8s %7s  %s", "dtype", "peer", "median us",
          "GOPS", "x f32",
          "x onednn-c", "of limit", "B/op", "kernel").stripTrailing());
      Set<String> forms = new LinkedHashSet<>();
      rows.forEach(row -> forms.add(row.dtype()));
      for (String form : forms) {
        rows.stream().filter(row -> row.dtype().equals(form)).forEach(row -> lines.add(line(row, rows)));
      }
    });
    return lines;
  }

  private static String line(Measurement row, List<Measurement> group) {
    Optional<Measurement> fp32 = FLOAT_PEERS.stream().flatMap(peer -> find(group, peer, "f32").stream())
        .findFirst();
    return String
        .format(Locale.ROOT, "  %-12s %-13s %12.3f %9.1f %7s %10s %8s %7s  %s", row.dtype(), row.peer(),
            row.medianMicros(), row.gops(), faster(row, fp32),
            faster(row, find(group, "onednn-c", row.dtype())),
            faster(row, find(group, "limit", row.dtype())),
            Double.isNaN(row.bytesPerRun()) ? "" : String.format(Locale.ROOT, "%.0f", row.bytesPerRun()),
            row.kernel())
        .stripTrailing();
  }

  private static Optional<Measurement> find(List<Measurement> group, String peer, String form) {
    return group.stream().filter(row -> row.peer().equals(peer) && row.dtype().equals(form)).findFirst();
  }

  /** How many times faster than another one, or nothing where there is none or it is the limit itself. */
  private static String faster(Measurement row, Optional<Measurement> other) {
    return other.filter(o -> !row.peer().equals("limit"))
        .map(o -> String.format(Locale.ROOT, "%.2f", o.medianMicros() / row.medianMicros())).orElse("");
  }
}

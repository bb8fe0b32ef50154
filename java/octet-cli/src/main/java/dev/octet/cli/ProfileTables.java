package dev.octet.cli;

import dev.octet.onnx.NodeTime;
import dev.octet.onnx.RunProfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code octet run --profile} prints: time by node, in the order of a run, and by operator. */
final class ProfileTables {
  private final RunProfile profile;

  ProfileTables(RunProfile profile) {
    this.profile = profile;
  }

  /** Nodes of an operator, added up. */
  record OperatorTime(String operator, int nodes, double medianMicros) {
    private OperatorTime plus(OperatorTime other) {
      return new OperatorTime(operator, nodes + other.nodes, medianMicros + other.medianMicros);
    }
  }

  /** The operators, from the one that takes most. */
  List<OperatorTime> operators() {
    Map<String, OperatorTime> sums = new LinkedHashMap<>();
    for (NodeTime time : profile.nodes()) {
      String operator = time.node().operator();
      sums.merge(operator, new OperatorTime(operator, 1, time.medianMicros()), OperatorTime::plus);
    }
    List<OperatorTime> sorted = new ArrayList<>(sums.values());
    sorted.sort(Comparator.comparingDouble(OperatorTime::medianMicros).reversed());
    return sorted;
  }

  /** Prints both tables. */
  void print(Screen screen) {
    List<NodeTime> timed = profile.nodes().stream().filter(time -> time.medianMicros() > 0).toList();
    screen.say("");
    screen.say("timed node by node a run takes %.2f ms (median of %d), nodes %.2f ms; %d nodes take no time"
        .formatted(profile.medianMicros() * 1e-3, profile.runs(), profile.nodeMicros() * 1e-3,
            profile.nodes().size() - timed.size()));
    screen.table(List.of("node", "us", "share", "operator", "kernel"),
        timed.stream().map(time -> List.of(time.node().name(), micros(time.medianMicros()),
            share(time.medianMicros()), time.node().operator(), time.node().kernel())).toList());
    screen.say("");
    screen.table(List.of("operator", "nodes", "us", "share"),
        operators().stream().filter(sum -> sum.medianMicros > 0).map(sum -> List.of(sum.operator,
            Integer.toString(sum.nodes), micros(sum.medianMicros), share(sum.medianMicros))).toList());
  }

  /** The same for JSON, with the nodes that take no time. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("runs", profile.runs());
    json.put("medianMicros", profile.medianMicros());
    json.put("nodes", profile.nodes());
    json.put("operators", operators());
    return json;
  }

  private static String micros(double micros) {
    return String.format(Locale.ROOT, "%.1f", micros);
  }

  private String share(double micros) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * micros / profile.nodeMicros());
  }
}

package dev.octet.cli;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.onnx.NodeReport;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.PreparedOnnx;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.file.MalformedFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What {@code octet inspect} says of the graph of an ONNX file: what is in it, and what would run it. */
final class GraphInspection {
  /** What is said, as JSON has it. */
  private final Map<String, Object> json = new LinkedHashMap<>();
  private final Screen screen;
  private final boolean nodes;

  /**
   * An inspection.
   *
   * @param screen where it is said
   * @param nodes whether each node is named with what would run it
   */
  GraphInspection(Screen screen, boolean nodes) {
    this.screen = screen;
    this.nodes = nodes;
  }

  /**
   * Says what is in a graph.
   *
   * @param engine which would run it; null for the best that runs here
   * @return whether it would run
   */
  boolean inspect(Path path, Engine engine) {
    screen.say("");
    try (OnnxModel model = OnnxModel.open(path)) {
      say(model);
      List<String> missing = model.missing();
      json.put("missing", missing);
      if (!missing.isEmpty()) {
        screen.say("");
        screen.say("%d not offered, so that the model does not run:".formatted(missing.size()));
        missing.forEach(one -> screen.say("  " + Plain.text(one)));
        return false;
      }
      Octet.Builder builder = Octet.builder().threads(1);
      try (Octet octet = (engine == null ? builder : builder.engine(engine)).open();
          PreparedOnnx prepared = model.prepare(octet)) {
        say(prepared);
        return true;
      }
    } catch (MalformedFileException | UnsupportedOperationException e) {
      json.put("error", String.valueOf(e.getMessage()));
      screen.say("the model does not run: " + Plain.text(String.valueOf(e.getMessage())));
      return false;
    }
  }

  /** What was said, for JSON. */
  Map<String, Object> json() {
    return json;
  }

  private void say(OnnxModel model) {
    Map<String, Long> opsets = new TreeMap<>(model.opsets());
    Map<String, Integer> operators = model.operators();
    int count = operators.values().stream().mapToInt(Integer::intValue).sum();
    screen.say("graph of %d nodes; opsets: %s".formatted(count, Plain.text(opsets.entrySet().stream()
        .map(opset -> (opset.getKey().isEmpty() ? "ONNX" : opset.getKey()) + " " + opset.getValue()).toList()
        .toString())));
    List<List<String>> values = new ArrayList<>();
    model.inputs()
        .forEach(info -> values.add(List.of(info.name(), "input", info.type().toString(), shape(info))));
    model.outputs()
        .forEach(info -> values.add(List.of(info.name(), "output", info.type().toString(), shape(info))));
    screen.table(List.of("value", "", "type", "shape"), values);
    screen.say("");
    screen.table(List.of("operator", "nodes"), operators.entrySet().stream()
        .map(one -> List.of(one.getKey(), one.getValue().toString())).toList());
    json.put("opsets", opsets);
    json.put("inputs", model.inputs().stream().map(GraphInspection::info).toList());
    json.put("outputs", model.outputs().stream().map(GraphInspection::info).toList());
    json.put("operators", operators);
  }

  private static String shape(TensorInfo info) {
    return info.dimensions().map(Object::toString).orElse("not said");
  }

  private static Map<String, Object> info(TensorInfo info) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("name", info.name());
    result.put("type", info.type().toString());
    result.put("shape", info.dimensions().map(dims -> dims.stream()
        .map(dim -> dim.isFixed() ? (Object) dim.length() : dim.symbol()).toList()).orElse(null));
    return result;
  }

  /** Nodes that run, by operator and kernel. */
  private void say(PreparedOnnx prepared) {
    Map<List<String>, List<NodeReport>> groups = new TreeMap<>(
        (a, b) -> a.toString().compareTo(b.toString()));
    prepared.nodes().forEach(node -> groups
        .computeIfAbsent(List.of(node.operator(), node.kernel()), key -> new ArrayList<>()).add(node));
    screen.say("");
    screen.say("prepared: %s".formatted(prepared));
    screen.table(List.of("would run", "nodes", "of the file", "kernel"), groups.entrySet().stream()
        .map(group -> List.of(group.getKey().get(0), Integer.toString(group.getValue().size()),
            Integer.toString(group.getValue().stream().mapToInt(node -> node.origins().size()).sum()),
            group.getKey().get(1)))
        .toList());
    if (nodes) {
      screen.say("");
      screen.table(List.of("node", "operator", "for", "kernel"), prepared.nodes().stream().map(node -> List
          .of(node.name(), node.operator(),
              node.origins().size() > 1 ? String.join(", ", node.origins()) : "",
              node.kernel()))
          .toList());
    }
    json.put("nodes", prepared.nodes());
  }
}

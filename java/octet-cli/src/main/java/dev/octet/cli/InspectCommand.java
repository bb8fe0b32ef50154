package dev.octet.cli;

import dev.octet.Engine;
import dev.octet.QTensor;
import dev.octet.quantize.file.ForeignWeights;
import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.MalformedFileException;
import dev.octet.quantize.file.QuantizationSummary;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.WeightFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code octet inspect}: the tensors of a file, the graph of an ONNX model, the metadata of a GGUF file. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = {
    "The tensors of a safetensors, ONNX, GGUF or ModelSlim file, and how they are quantized.",
    "Of an ONNX file the graph too: inputs, outputs, operators, what would run them, and what is missing, with exit code 1 then."})
final class InspectCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;
  @Parameters(index = "0", paramLabel = "FILE", description = "safetensors, ONNX, GGUF (of parts the first), or a folder of sharded safetensors (or their index) or of ModelSlim")
  private Path path;
  @Option(names = "--weights", description = "Say nothing of the graph of an ONNX file, and do not prepare it.")
  private boolean weightsOnly;
  @Option(names = "--nodes", description = "Say for each node of a graph what would run it, and what is fused.")
  private boolean nodes;
  @Option(names = "--engine", description = "Which engine would run a graph: ${COMPLETION-CANDIDATES} (default: the best that runs here).")
  private Engine engine;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Screen screen = new Screen(spec, json);
    if (GgufFile.isAt(path)) {
      new GgufInspection(screen).inspect(path);
      return 0;
    }
    try (WeightFile file = WeightFile.open(path)) {
      Set<String> quantized = new HashSet<>(file.quantizedNames());
      Map<String, ForeignWeights> foreign = new HashMap<>();
      file.foreign().forEach(weights -> weights.tensors().forEach(name -> foreign.put(name, weights)));
      List<List<String>> rows = new ArrayList<>();
      List<Map<String, Object>> tensors = new ArrayList<>();
      Map<String, Long> forms = new LinkedHashMap<>();
      long bytes = 0;
      for (StoredTensor tensor : file.tensors()) {
        String name = tensor.name();
        ForeignWeights other = foreign.get(name);
        String form = other == null
            ? form(file, name, quantized.contains(name), forms)
            : other.format() + " weights " + other.layer();
        rows.add(List.of(name, tensor.typeName(), tensor.shape().toString(),
            Screen.bytes(tensor.data().byteSize()), form));
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", name);
        row.put("type", tensor.typeName());
        row.put("shape", tensor.shape().toArray());
        row.put("bytes", tensor.data().byteSize());
        row.put("quantized", quantized.contains(name) || other != null ? form : null);
        row.put("unreadable", file.unreadable().get(name));
        tensors.add(row);
        bytes += tensor.data().byteSize();
      }
      Map<String, Long> others = file.foreign().stream()
          .collect(Collectors.groupingBy(ForeignWeights::format, LinkedHashMap::new, Collectors.counting()));
      screen.say("%s, %d tensors, %s, %d quantized%s".formatted(file.format(), rows.size(),
          Screen.bytes(bytes), quantized.size(), others.entrySet().stream()
              .map(e -> ", " + e.getValue() + " weights in " + e.getKey()).collect(Collectors.joining())));
      String already = SummaryText.already(forms);
      if (!already.isEmpty()) {
        screen.say(already);
      }
      screen.table(List.of("tensor", "type", "shape", "size", "quantized as"), rows);
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("format", file.format());
      all.put("bytes", bytes);
      all.put("tensors", tensors);
      all.put("forms", forms);
      all.put("otherForms", others);
      all.put("metadata", file.metadata());
      boolean runs = true;
      if (file.format().equals("ONNX") && !weightsOnly) {
        GraphInspection graph = new GraphInspection(screen, nodes);
        runs = graph.inspect(path, engine);
        all.put("graph", graph.json());
      }
      screen.json(all);
      return runs ? 0 : OctetCommand.NO;
    }
  }

  /**
   * How a tensor that is in no foreign form is quantized; a damaged one does not hide the others.
   *
   * @param forms how many weights are quantized in which form, to be counted up
   */
  private static String form(WeightFile file, String name, boolean quantized, Map<String, Long> forms) {
    if (file.unreadable().containsKey(name)) {
      return "as it is: " + file.unreadable().get(name);
    }
    if (!quantized) {
      String reason = file.unquantizable().get(name);
      return file.isParameter(name)
          ? "of the one above or below"
          : reason == null ? "" : "not to be quantized: " + reason;
    }
    try {
      QTensor tensor = file.quantized(name);
      forms.merge(QuantizationSummary.form(tensor), 1L, Long::sum);
      return tensor.type() + " " + tensor.shape() + " " + tensor.quantization()
          + (file.isOurs(name) ? "" : ", by another tool");
    } catch (MalformedFileException e) {
      return "damaged: " + e.getMessage();
    }
  }
}

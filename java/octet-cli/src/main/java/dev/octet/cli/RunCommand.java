package dev.octet.cli;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.onnx.NodeReport;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.PreparedOnnx;
import dev.octet.onnx.value.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code octet run}: a whole ONNX model. */
@Command(name = "run", mixinStandardHelpOptions = true, description = {
    "Runs an ONNX model: quantized products on Octet's kernels, the rest in Java.",
    "Inputs without a file are made up: floats at random between -1 and 1, integers 1."})
final class RunCommand implements Callable<Integer> {
  private static final int SHOWN = 6;

  @Spec
  private CommandSpec spec;
  @Parameters(index = "0", paramLabel = "FILE", description = "an ONNX model")
  private Path path;
  @Option(names = "--input", paramLabel = "NAME=FILE", description = "An input: a .npy file of NumPy, an image (PNG, JPEG, BMP, GIF), or random, as without it, or random:2x3 with a shape; may be repeated.")
  private Map<String, String> inputs = Map.of();
  @Option(names = "--dim", paramLabel = "NAME=LENGTH", description = "A length that the model leaves open, for inputs that are made up, and sides of images; may be repeated.")
  private Map<String, Long> dims = Map.of();
  @Option(names = "--mean", paramLabel = "X", split = ",", defaultValue = "0", description = "Of images whose values are 0 to 1: the mean, of all channels or each, as 0.485,0.456,0.406 (default: ${DEFAULT-VALUE}).")
  private double[] mean;
  @Option(names = "--std", paramLabel = "X", split = ",", defaultValue = "1", description = "Likewise the deviation: floats are (value - mean) / deviation (default: ${DEFAULT-VALUE}).")
  private double[] deviation;
  @Option(names = "--output", paramLabel = "NAME=FILE", description = "Write an output to a .npy file; may be repeated.")
  private Map<String, Path> saved = Map.of();
  @Option(names = "--runs", paramLabel = "N", defaultValue = "1", description = "How often the model is run (default: ${DEFAULT-VALUE}).")
  private int runs;
  @Option(names = "--nodes", description = "Say for each node what runs it, and what was fused.")
  private boolean nodes;
  @Option(names = "--profile", description = "After the runs make as many again, and say how long each node takes in them, and all of an operator together. With --runs 1000 or so, as the first runs are slow.")
  private boolean profiled;
  @Option(names = "--no-rewrites", description = "Run every node of the file by itself.")
  private boolean plain;
  @Option(names = "--engine", description = "Run on this engine or fail: ${COMPLETION-CANDIDATES} (default: the best that runs here).")
  private Engine engine;
  @Option(names = "--threads", defaultValue = "1", description = "Threads (default: ${DEFAULT-VALUE}).")
  private int threads;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (runs < 1) {
      throw UsageErrors.wrong(spec, "--runs: expected 1 or more, got " + runs);
    }
    UsageErrors.checkThreads(spec, threads);
    checkChannels("--mean", mean);
    checkChannels("--std", deviation);
    Screen screen = new Screen(spec, json);
    OnnxOptions options = plain ? OnnxOptions.defaults().withoutRewrites() : OnnxOptions.defaults();
    Octet.Builder builder = Octet.builder().threads(threads);
    long start = System.nanoTime();
    try (Octet octet = (engine == null ? builder : builder.engine(engine)).open();
        OnnxModel model = OnnxModel.open(path);
        PreparedOnnx prepared = model.prepare(octet, options)) {
      long loaded = System.nanoTime() - start;
      for (String name : saved.keySet()) {
        if (model.outputs().stream().noneMatch(output -> output.name().equals(name))) {
          throw new IllegalArgumentException(
              "--output: the model has no output " + name + ", it has " + model.outputs());
        }
      }
      Map<String, Tensor> given = new ModelInputs(inputs, new Lengths(dims), new ImageInput(mean, deviation))
          .of(model.inputs());
      long[] times = new long[runs];
      Map<String, Tensor> outputs = Map.of();
      for (int i = 0; i < runs; i++) {
        long before = System.nanoTime();
        outputs = prepared.run(given);
        times[i] = System.nanoTime() - before;
      }
      Arrays.sort(times);
      for (Map.Entry<String, Path> file : saved.entrySet()) {
        Npy.write(file.getValue(), outputs.get(file.getKey()));
      }
      Optional<ProfileTables> profile = profiled
          ? Optional.of(new ProfileTables(prepared.profile(given, runs)))
          : Optional.empty();
      print(screen, model, prepared, outputs, profile, loaded, times[runs / 2]);
    }
    return 0;
  }

  private void checkChannels(String option, double[] numbers) {
    if (numbers.length != 1 && numbers.length != 3) {
      throw UsageErrors.wrong(spec, option + ": expected one number or three, got " + numbers.length);
    }
    if (option.equals("--std") && Arrays.stream(numbers).anyMatch(number -> !(number > 0))) {
      throw UsageErrors.wrong(spec, option + ": expected numbers above 0, got " + Arrays.toString(numbers));
    }
  }

  private void print(Screen screen, OnnxModel model, PreparedOnnx prepared, Map<String, Tensor> outputs,
      Optional<ProfileTables> profile, long loaded, long median) {
    Map<String, Integer> kernels = new TreeMap<>();
    prepared.nodes().forEach(node -> kernels.merge(node.kernel().replaceAll(":.*", ""), 1, Integer::sum));
    screen.say("%s, opset %d, %d nodes: %s".formatted(Plain.text(path.toString()), model.opset(),
        prepared.nodes().size(),
        kernels.entrySet().stream().map(count -> count.getValue() + " " + count.getKey())
            .collect(Collectors.joining(", "))));
    screen.say("loaded and prepared in %.0f ms; a run takes %.2f ms (median of %d), %d thread(s)"
        .formatted(loaded / 1e6, median / 1e6, runs, threads));
    List<List<String>> rows = new ArrayList<>();
    List<Map<String, Object>> results = new ArrayList<>();
    outputs.forEach((name, tensor) -> {
      rows.add(List.of(name, tensor.type().toString(), tensor.shape().toString(),
          ModelInputs.first(tensor, SHOWN)));
      results.add(Map.of("name", name, "type", tensor.type().toString(), "shape", tensor.shape().toArray(),
          "first", ModelInputs.first(tensor, SHOWN)));
    });
    screen.table(List.of("output", "type", "shape", "elements"), rows);
    if (nodes) {
      screen.say("");
      screen.table(List.of("node", "operator", "kernel"), prepared.nodes().stream()
          .map(node -> List.of(node.name(), node.operator(), kernel(node))).toList());
    }
    profile.ifPresent(tables -> tables.print(screen));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("opset", model.opset());
    all.put("inputs", model.inputs().stream().map(Object::toString).toList());
    all.put("outputs", results);
    all.put("loadMillis", loaded / 1e6);
    all.put("runMillis", median / 1e6);
    all.put("nodes", prepared.nodes());
    profile.ifPresent(tables -> all.put("profile", tables.json()));
    screen.json(all);
  }

  private static String kernel(NodeReport node) {
    return node.kernel() + (node.origins().size() > 1 ? ", for " + node.origins().size() + " nodes" : "");
  }
}

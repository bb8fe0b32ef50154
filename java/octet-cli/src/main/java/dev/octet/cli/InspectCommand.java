package dev.octet.cli;

import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.WeightFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code octet inspect}: the tensors of a file. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = "The tensors of a safetensors, ONNX or ModelSlim file, and how they are quantized.")
final class InspectCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;
  @Parameters(index = "0", paramLabel = "FILE", description = "safetensors, ONNX, or a folder of sharded safetensors (or their index) or of ModelSlim")
  private Path path;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Screen screen = new Screen(spec, json);
    try (WeightFile file = WeightFile.open(path)) {
      Set<String> quantized = new HashSet<>(file.quantizedNames());
      List<List<String>> rows = new ArrayList<>();
      List<Map<String, Object>> tensors = new ArrayList<>();
      long bytes = 0;
      for (StoredTensor tensor : file.tensors()) {
        String form = quantized.contains(tensor.name())
            ? file.quantized(tensor.name()).type() + " " + file.quantized(tensor.name()).shape() + " "
                + file.quantized(tensor.name()).quantization()
            : file.isParameter(tensor.name()) ? "of the one above or below" : "";
        rows.add(List.of(tensor.name(), tensor.type().name(), tensor.shape().toString(),
            Screen.bytes(tensor.data().byteSize()), form));
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", tensor.name());
        row.put("type", tensor.type().name());
        row.put("shape", tensor.shape().toArray());
        row.put("bytes", tensor.data().byteSize());
        row.put("quantized", quantized.contains(tensor.name()) ? form : null);
        tensors.add(row);
        bytes += tensor.data().byteSize();
      }
      screen.say("%s, %d tensors, %s, %d quantized".formatted(file.format(), rows.size(), Screen.bytes(bytes),
          quantized.size()));
      screen.table(List.of("tensor", "type", "shape", "size", "quantized as"), rows);
      screen.json(
          Map.of("format", file.format(), "bytes", bytes, "tensors", tensors, "metadata", file.metadata()));
    }
    return 0;
  }
}

package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.quantize.file.StoredQuantization.Form;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of an ONNX model: its initializers and the values of its Constant nodes. Of models that are
 * quantized already (DequantizeLinear behind weights, the QLinear and Integer operators) scales and zero
 * points are put together with the weights. The graph is not run; subgraphs are not looked into.
 *
 * <p>
 * Exporters give the weight of a linear layer a made-up name and its bias the real one. A weight whose
 * product is added to an initializer {@code LAYER.bias} is named {@code LAYER.weight}, if that is free.
 */
public final class OnnxFile implements WeightFile {
  private static final int MODEL_GRAPH = 7;
  private static final int MODEL_PRODUCER = 2;

  private final Arena arena;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, OnnxGraph.Weight> weights;
  private final Set<String> parameters = new HashSet<>();
  private final Map<String, String> metadata;

  private OnnxFile(MemorySegment file, Path folder, Arena arena) {
    this.arena = arena;
    ProtoMessage model = new ProtoMessage(file);
    ProtoMessage graph = null;
    Map<String, String> texts = new LinkedHashMap<>();
    while (model.next()) {
      if (model.field() == MODEL_GRAPH) {
        graph = model.message();
      } else if (model.field() == MODEL_PRODUCER) {
        texts.put("producer", model.text());
      }
    }
    if (graph == null) {
      throw new MalformedFileException("ONNX: the model has no graph");
    }
    OnnxGraph read = new OnnxGraph(graph, new ExternalData(folder, arena));
    this.tensors = read.tensors();
    this.weights = read.weights();
    weights.values().forEach(weight -> {
      parameters.add(weight.scale());
      parameters.add(weight.zeroPoint());
    });
    this.metadata = Map.copyOf(texts);
  }

  /**
   * Maps a file.
   *
   * @param path the file; external data are looked for in its folder
   * @return the file, to be closed
   * @throws MalformedFileException if it is no ONNX model
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static OnnxFile open(Path path) {
    return Mapping.open(path, (file, arena) -> new OnnxFile(file, path.toAbsolutePath().getParent(), arena));
  }

  /**
   * The contents of a file in memory; external data is refused.
   *
   * @param contents the whole file, native or heap; borrowed
   * @return the file
   * @throws MalformedFileException if it is no ONNX model
   */
  public static OnnxFile of(MemorySegment contents) {
    return new OnnxFile(contents, null, null);
  }

  @Override
  public String format() {
    return "ONNX";
  }

  @Override
  public List<StoredTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  @Override
  public StoredTensor tensor(String name) {
    return Names.require(tensors, name);
  }

  @Override
  public List<String> quantizedNames() {
    return tensors.keySet().stream().filter(name -> scales(name) != null).toList();
  }

  private StoredTensor scales(String name) {
    OnnxGraph.Weight weight = weights.get(name);
    return weight == null || weight.scale() == null || tensors.get(name).type().quantized().isEmpty()
        ? null
        : tensors.get(weight.scale());
  }

  @Override
  public QTensor quantized(String name) {
    StoredTensor tensor = tensor(name);
    StoredTensor scale = scales(name);
    if (scale == null) {
      throw new IllegalArgumentException("tensor " + name + " is not quantized");
    }
    OnnxGraph.Weight weight = weights.get(name);
    DataType type = tensor.type().quantized().orElseThrow();
    // One dimension of scales: the channels of an axis; as many as the tensor: ONNX's blocks.
    int axis = scale.shape().elements() == 1 ? -1 : weight.axis();
    Form form = Form.of(type, tensor.shape(), axis, scale.shape().rank() > 1 ? weight.blockSize() : 0, 0);
    return StoredQuantization.put(tensor, form, scale,
        weight.zeroPoint() == null ? null : tensors.get(weight.zeroPoint()));
  }

  @Override
  public WeightAxes axes(String name) {
    OnnxGraph.Weight weight = weights.get(name);
    return WeightAxes.of(weight == null ? 0 : weight.outputAxis(), tensor(name).shape().rank());
  }

  @Override
  public boolean isParameter(String name) {
    return parameters.contains(name);
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public void close() {
    if (arena != null && arena.scope().isAlive()) {
      arena.close();
    }
  }
}

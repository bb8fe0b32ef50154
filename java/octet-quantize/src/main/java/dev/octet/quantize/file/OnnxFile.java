package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.quantize.mapped.Mapping;
import dev.octet.quantize.proto.ExternalData;
import dev.octet.quantize.proto.MalformedMessageException;
import dev.octet.quantize.proto.ModelProto;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads the weights of an ONNX model: its initializers and the values of its Constant nodes. Of models that
 * are quantized already (DequantizeLinear behind weights, the QLinear and Integer operators) scales and zero
 * points are put together with the weights. The graph is not run. Constants of branches, loop bodies and
 * local functions are among the tensors: by their own names where those are unique in the model, else after
 * {@code NODE/ATTRIBUTE/} for each node around them, or {@code FUNCTION/}; a node without a name is
 * {@code OP_INDEX}. Tensors of UINT2, INT2 and COMPLEX128 are U8 of one dimension, the bytes of the file;
 * strings too, each after its length in four bytes, little-endian. A sparse tensor is its values, with
 * {@code NAME_indices} and {@code NAME_shape} beside them. A tensor that a node has as an attribute is named
 * {@code NODE/ATTRIBUTE}.
 *
 * <p>
 * Exporters give the weight of a linear layer a made-up name, such as {@code onnx::MatMul_123}, and its bias
 * the real one. Such a weight, whose product is added to an initializer {@code LAYER.bias}, is named
 * {@code LAYER.weight}, if that is free. All other names stay.
 *
 * <p>
 * Tensors of the graphs that a model is trained with ({@code training_info}) are among the tensors and no
 * weights. A tensor with a {@code quantization_annotation} is one that another tool has quantized, unless
 * DequantizeLinear or an operator reads it with its scales.
 */
public final class OnnxFile implements WeightFile {
  private final Mapping mapping;
  private final List<Path> files;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, OnnxGraph.Scales> scales;
  private final Map<String, WeightAxes> axes;
  private final List<ForeignWeights> foreign;
  private final OnnxPlaces places;
  private final Set<String> parameters = new HashSet<>();
  private final Map<String, String> metadata;
  private final Map<String, String> unreadable;
  private final Map<String, String> unquantizable;
  private final Map<String, String> otherNames;

  private OnnxFile(MemorySegment file, Path path, Mapping mapping) {
    this.mapping = mapping;
    ExternalData external = new ExternalData(path == null ? null : path.toAbsolutePath().getParent(),
        mapping);
    ModelProto model = ModelProto.read(file, external);
    OnnxPaths paths = new OnnxPaths();
    OnnxScope graph = OnnxScope.graph(model.graph(), "", paths, external);
    List<OnnxScope> functions = model.functions().stream()
        .map(function -> OnnxScope.function(function, paths, external)).toList();
    List<OnnxScope> training = new ArrayList<>();
    for (int i = 0; i < model.training().size(); i++) {
      String name = "training_" + i + "/";
      model.training().get(i).initialization()
          .forEach(part -> training.add(OnnxScope.graph(part, name + "initialization/", paths, external)));
      model.training().get(i).algorithm()
          .forEach(part -> training.add(OnnxScope.graph(part, name + "algorithm/", paths, external)));
    }
    OnnxGraph read = new OnnxGraph(new OnnxValues(graph, functions, training));
    this.tensors = read.tensors();
    this.scales = read.scales();
    this.axes = read.axes();
    this.foreign = read.foreign();
    this.places = read.places();
    this.metadata = Collections.unmodifiableMap(model.texts());
    Map<String, String> reasons = new LinkedHashMap<>(read.doubts());
    reasons.putAll(StoredQuantization
        .unreadable(tensors.keySet().stream().filter(name -> scales(name) != null), this::quantized));
    this.unreadable = Collections.unmodifiableMap(reasons);
    scales.forEach((name, weight) -> {
      if (!unreadable.containsKey(name)) {
        parameters.add(weight.scale());
        parameters.add(weight.zeroPoint());
      }
    });
    this.unquantizable = Collections.unmodifiableMap(read.left());
    this.otherNames = Collections.unmodifiableMap(read.otherNames());
    this.files = Stream.concat(Stream.ofNullable(path), external.files().stream()).toList();
  }

  private static OnnxFile read(MemorySegment file, Path path, Mapping mapping) {
    try {
      return new OnnxFile(file, path, mapping);
    } catch (MalformedMessageException e) {
      throw new MalformedFileException(e.getMessage(), e);
    }
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
    Objects.requireNonNull(path, "path");
    return MappedFile.open(path, (file, mapping) -> read(file, path, mapping));
  }

  /**
   * Reads a file that is in memory; external data is refused.
   *
   * @param contents the whole file, native or heap; borrowed
   * @return the file
   * @throws MalformedFileException if it is no ONNX model
   */
  public static OnnxFile of(MemorySegment contents) {
    Objects.requireNonNull(contents, "contents");
    return read(contents, null, null);
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
    return tensors.keySet().stream().filter(name -> scales(name) != null && !unreadable.containsKey(name))
        .toList();
  }

  private StoredTensor scales(String name) {
    OnnxGraph.Scales weight = scales.get(name);
    return weight == null || tensors.get(name).type().quantized().isEmpty()
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
    OnnxGraph.Scales weight = scales.get(name);
    DataType type = tensor.type().quantized().orElseThrow();
    // One dimension of scales: the channels of an axis; as many as the tensor: ONNX's blocks.
    int axis = scale.shape().elements() == 1 ? -1 : weight.axis();
    StoredForm form = StoredForm.of(type, tensor.shape(), axis,
        scale.shape().rank() > 1 ? weight.blockSize() : 0);
    return Mapping.reading(this::requireUnchanged, () -> StoredQuantization.put(tensor, form, scale,
        weight.zeroPoint() == null ? null : tensors.get(weight.zeroPoint())));
  }

  /** Where weights and biases are used. */
  OnnxPlaces places() {
    return places;
  }

  /** The numbers of a bias of 32-bit integers; null for everything else. */
  float[] bias(String name) {
    StoredTensor tensor = tensor(name);
    List<String> parameters = places.biasScales(name);
    if (parameters == null || tensor.type() != StoredType.I32) {
      return null;
    }
    float[] result = tensor.floats();
    for (String parameter : parameters) {
      StoredTensor scale = tensors.get(parameter);
      if (!scale.type().isFloat()
          || (scale.shape().elements() != 1 && scale.shape().elements() != result.length)) {
        return null;
      }
      float[] scaling = scale.floats();
      for (int e = 0; e < result.length; e++) {
        result[e] *= scaling[scaling.length == 1 ? 0 : e];
      }
    }
    return result;
  }

  @Override
  public WeightAxes axes(String name) {
    int rank = tensor(name).shape().rank();
    return axes.getOrDefault(name, WeightAxes.of(0, rank));
  }

  @Override
  public boolean isWeight(String name) {
    tensor(name);
    return axes.containsKey(name);
  }

  @Override
  public List<ForeignWeights> foreign() {
    return foreign;
  }

  @Override
  public Map<String, String> unreadable() {
    return unreadable;
  }

  @Override
  public Map<String, String> unquantizable() {
    return unquantizable;
  }

  @Override
  public Map<String, String> otherNames() {
    return otherNames;
  }

  @Override
  public boolean isParameter(String name) {
    Objects.requireNonNull(name, "name");
    return parameters.contains(name);
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public List<Path> files() {
    return files;
  }

  @Override
  public void requireUnchanged() {
    if (mapping != null) {
      mapping.requireUnchanged();
    }
  }

  @Override
  public void close() {
    if (mapping != null) {
      mapping.close();
    }
  }
}

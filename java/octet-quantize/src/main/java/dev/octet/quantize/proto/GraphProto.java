package dev.octet.quantize.proto;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A GraphProto, in the order of the file. */
public final class GraphProto {
  private static final int QUANTIZATION_ANNOTATION = 14;
  private static final int SPARSE_INITIALIZER = 15;

  /**
   * What a graph says of a value that is quantized, or meant to be.
   *
   * @param tensor the name of the value
   * @param parameters the names of scales and zero points
   */
  public record Annotation(String tensor, List<String> parameters) {}

  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<TensorProto> initializers = new ArrayList<>();
  private final List<SparseTensorProto> sparseInitializers = new ArrayList<>();
  private final List<ValueProto> inputs = new ArrayList<>();
  private final List<ValueProto> outputs = new ArrayList<>();
  private final List<Annotation> annotations = new ArrayList<>();

  GraphProto(ProtoMessage message, ExternalData files) {
    while (message.next()) {
      switch (message.field()) {
        case 1 -> nodes.add(NodeProto.read(message.message()));
        case 5 -> initializers.add(TensorProto.read(message.message(), null, files));
        case 11 -> inputs.add(ValueProto.read(message.message()));
        case 12 -> outputs.add(ValueProto.read(message.message()));
        case QUANTIZATION_ANNOTATION -> annotations.add(annotation(message.message()));
        case SPARSE_INITIALIZER ->
          sparseInitializers.add(SparseTensorProto.read(message.message(), null, files));
        default -> {
          // shapes of values in between, documentation
        }
      }
    }
  }

  private static Annotation annotation(ProtoMessage message) {
    String tensor = "";
    Map<String, String> parameters = new LinkedHashMap<>();
    while (message.next()) {
      if (message.field() == 1) {
        tensor = message.text();
      } else if (message.field() == 2) {
        TensorProto.entry(message.message(), parameters);
      }
    }
    return new Annotation(tensor, List.copyOf(parameters.values()));
  }

  /** The nodes. */
  public List<NodeProto> nodes() {
    return nodes;
  }

  /** The initializers that are dense. */
  public List<TensorProto> initializers() {
    return initializers;
  }

  /** The initializers that are sparse. */
  public List<SparseTensorProto> sparseInitializers() {
    return sparseInitializers;
  }

  /** The inputs; in old files initializers are among them. */
  public List<ValueProto> inputs() {
    return inputs;
  }

  /** The outputs. */
  public List<ValueProto> outputs() {
    return outputs;
  }

  /** The annotations of quantized values. */
  public List<Annotation> annotations() {
    return annotations;
  }
}

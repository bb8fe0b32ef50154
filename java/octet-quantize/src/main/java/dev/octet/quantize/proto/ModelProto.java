package dev.octet.quantize.proto;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A ModelProto.
 *
 * @param opsets the version of each domain; the empty one is ONNX's own, which files also call ai.onnx
 * @param graph what is run
 * @param functions operators that the model brings along
 * @param training how it is trained
 * @param texts the producer and the metadata
 */
public record ModelProto(Map<String, Long> opsets, GraphProto graph, List<FunctionProto> functions,
    List<Training> training, Map<String, String> texts) {
  private static final int PRODUCER = 2;
  private static final int GRAPH = 7;
  private static final int OPSET = 8;
  private static final int METADATA = 14;
  private static final int TRAINING = 20;
  private static final int FUNCTION = 25;

  /**
   * A TrainingInfoProto: how the model is initialized and trained.
   *
   * @param initialization graphs
   * @param algorithm graphs
   */
  public record Training(List<GraphProto> initialization, List<GraphProto> algorithm) {}

  /**
   * Reads a model.
   *
   * @param file the whole file
   * @param files where external data lie
   * @return the model; its tensors are slices of the file
   * @throws MalformedMessageException if it is none
   */
  public static ModelProto read(MemorySegment file, ExternalData files) {
    GraphProto graph = null;
    Map<String, Long> opsets = new LinkedHashMap<>();
    List<FunctionProto> functions = new ArrayList<>();
    List<Training> training = new ArrayList<>();
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, String> properties = new LinkedHashMap<>();
    ProtoMessage model = new ProtoMessage(file);
    while (model.next()) {
      switch (model.field()) {
        case GRAPH -> graph = new GraphProto(model.message(), files);
        case OPSET -> opset(model.message(), opsets);
        case FUNCTION -> functions.add(FunctionProto.read(model.message()));
        case TRAINING -> training.add(training(model.message(), files));
        case PRODUCER -> texts.put("producer", model.prose());
        case METADATA -> TensorProto.entry(model.message(), properties);
        default -> {
          // versions, documentation
        }
      }
    }
    if (graph == null) {
      throw new MalformedMessageException("ONNX: the model has no graph");
    }
    texts.putAll(properties);
    return new ModelProto(opsets, graph, functions, training, texts);
  }

  private static void opset(ProtoMessage message, Map<String, Long> opsets) {
    String domain = "";
    long version = 0;
    while (message.next()) {
      if (message.field() == 1) {
        domain = message.text();
      } else if (message.field() == 2) {
        version = message.number();
      }
    }
    opsets.put(domain.equals("ai.onnx") ? "" : domain, version);
  }

  private static Training training(ProtoMessage message, ExternalData files) {
    Training training = new Training(new ArrayList<>(), new ArrayList<>());
    while (message.next()) {
      if (message.field() == 1) {
        training.initialization.add(new GraphProto(message.message(), files));
      } else if (message.field() == 2) {
        training.algorithm.add(new GraphProto(message.message(), files));
      }
    }
    return training;
  }
}

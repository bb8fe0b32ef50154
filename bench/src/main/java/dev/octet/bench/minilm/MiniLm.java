package dev.octet.bench.minilm;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The FP32 weights of all-MiniLM-L6-v2 (a BERT encoder: 6 layers of 384 features, 12 heads, 1536 intermediate
 * features), read from the initializers of its ONNX model.
 *
 * @param words {@code [30522][384]}
 * @param positions {@code [512][384]}
 * @param tokenType {@code [384]}, the row of type 0, the only one that is used
 * @param norm after the embeddings
 * @param layers the encoder layers
 */
record MiniLm(float[] words, float[] positions, float[] tokenType, Norm norm, List<Layer> layers) {
  static final int FEATURES = 384;
  static final int HEADS = 12;
  static final int HEAD_FEATURES = FEATURES / HEADS;
  static final int INTERMEDIATE = 1536;
  private static final int LAYERS = 6;

  /**
   * A layer norm.
   *
   * @param weight {@code [384]}
   * @param bias {@code [384]}
   */
  record Norm(float[] weight, float[] bias) {}

  /**
   * A linear layer.
   *
   * @param in input features
   * @param out output features
   * @param weight {@code [in][out]}
   * @param bias {@code [out]}
   */
  record Linear(int in, int out, float[] weight, float[] bias) {}

  /**
   * An encoder layer.
   *
   * @param queryKeyValue the three projections side by side: {@code [384][3 * 384]}
   * @param attentionOutput after attention
   * @param attentionNorm after the residual of attention
   * @param intermediate before GELU
   * @param output after GELU
   * @param outputNorm after the residual
   */
  record Layer(Linear queryKeyValue, Linear attentionOutput, Norm attentionNorm, Linear intermediate,
      Linear output,
      Norm outputNorm) {}

  /** Reads the model from the class path. */
  static MiniLm load() {
    try {
      GraphProto graph = ModelProto.parseFrom(ModelFiles.read(ModelFiles.FP32_MODEL)).getGraph();
      return new Reader(graph).read();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(ModelFiles.FP32_MODEL + " is no ONNX model", e);
    }
  }

  /** The embedding of a word at a place of its sentence, before the layer norm. */
  void embedding(int word, int position, float[] row) {
    for (int i = 0; i < FEATURES; i++) {
      row[i] = words[word * FEATURES + i] + tokenType[i] + positions[position * FEATURES + i];
    }
  }

  /** Bytes of the weights of all linear layers in FP32. */
  long linearBytes() {
    return layers.stream().mapToLong(layer -> 4L * (layer.queryKeyValue.weight.length
        + layer.attentionOutput.weight.length + layer.intermediate.weight.length
        + layer.output.weight.length)).sum();
  }

  private static final class Reader {
    private final Map<String, TensorProto> initializers = new HashMap<>();
    /**
     * The weights of linear layers have made-up names: found as the MatMul whose result the named bias is
     * added to.
     */
    private final Map<String, String> weightOfBias = new HashMap<>();

    Reader(GraphProto graph) {
      graph.getInitializerList().forEach(tensor -> initializers.put(tensor.getName(), tensor));
      Map<String, NodeProto> producers = new HashMap<>();
      for (NodeProto node : graph.getNodeList()) {
        node.getOutputList().forEach(output -> producers.put(output, node));
      }
      for (NodeProto node : graph.getNodeList()) {
        if (node.getOpType().equals("Add") && initializers.containsKey(node.getInput(0))) {
          NodeProto product = producers.get(node.getInput(1));
          if (product != null && product.getOpType().equals("MatMul")) {
            weightOfBias.put(node.getInput(0), product.getInput(1));
          }
        }
      }
    }

    MiniLm read() {
      List<Layer> layers = new ArrayList<>();
      for (int i = 0; i < LAYERS; i++) {
        String name = "encoder.layer." + i + ".";
        layers.add(new Layer(
            sideBySide(List.of(linear(name + "attention.self.query"), linear(name + "attention.self.key"),
                linear(name + "attention.self.value"))),
            linear(name + "attention.output.dense"), norm(name + "attention.output.LayerNorm"),
            linear(name + "intermediate.dense"), linear(name + "output.dense"),
            norm(name + "output.LayerNorm")));
      }
      float[] tokenTypes = floats("embeddings.token_type_embeddings.weight");
      return new MiniLm(floats("embeddings.word_embeddings.weight"),
          floats("embeddings.position_embeddings.weight"),
          java.util.Arrays.copyOf(tokenTypes, FEATURES), norm("embeddings.LayerNorm"), layers);
    }

    private Linear linear(String name) {
      float[] bias = floats(name + ".bias");
      float[] weight = floats(weightOfBias.get(name + ".bias"));
      return new Linear(weight.length / bias.length, bias.length, weight, bias);
    }

    private Norm norm(String name) {
      return new Norm(floats(name + ".weight"), floats(name + ".bias"));
    }

    private float[] floats(String name) {
      TensorProto tensor = initializers.get(name);
      if (tensor == null) {
        throw new IllegalStateException(ModelFiles.FP32_MODEL + ": expected an initializer " + name);
      }
      FloatBuffer buffer = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer();
      float[] values = new float[buffer.remaining()];
      buffer.get(values);
      return values;
    }

    private static Linear sideBySide(List<Linear> parts) {
      int in = parts.get(0).in;
      int out = parts.stream().mapToInt(Linear::out).sum();
      float[] weight = new float[in * out];
      float[] bias = new float[out];
      int column = 0;
      for (Linear part : parts) {
        for (int row = 0; row < in; row++) {
          System.arraycopy(part.weight, row * part.out, weight, row * out + column, part.out);
        }
        System.arraycopy(part.bias, 0, bias, column, part.out);
        column += part.out;
      }
      return new Linear(in, out, weight, bias);
    }
  }
}

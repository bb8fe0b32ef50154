package dev.octet.minilm;

import dev.octet.QTensor;
import dev.octet.quantize.file.OnnxFile;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.WeightFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The weights of all-MiniLM-L6-v2 (a BERT encoder: 6 layers of 384 features, 12 heads, 1536 intermediate
 * features) in FP32, read from its ONNX model or from a file that was quantized from it.
 *
 * @param words {@code [30522][384]}
 * @param positions {@code [512][384]}
 * @param tokenType {@code [384]}, the row of type 0, the only one that is used
 * @param norm after the embeddings
 * @param layers the encoder layers
 */
public record MiniLm(float[] words, float[] positions, float[] tokenType, Norm norm, List<Layer> layers) {
  static final int FEATURES = 384;
  static final int HEADS = 12;
  static final int HEAD_FEATURES = FEATURES / HEADS;
  static final int INTERMEDIATE = 1536;
  static final int LAYERS = 6;
  /** The number of weights of all linear layers. */
  public static final int LINEAR_WEIGHTS = LAYERS * FEATURES * (4 * FEATURES + 2 * INTERMEDIATE);

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
  public static MiniLm load() {
    try (WeightFile file = OnnxFile.of(MemorySegment.ofArray(ModelFiles.read(ModelFiles.FP32_MODEL)))) {
      return read(file);
    }
  }

  /**
   * Reads the model from a file; what is quantized in it is turned into floats.
   *
   * @param file the ONNX model or what was made of it
   * @throws IllegalArgumentException if a tensor of the model is missing or has another shape
   */
  public static MiniLm read(WeightFile file) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      String name = layer(i);
      layers.add(new Layer(
          sideBySide(List.of(linear(file, name + "attention.self.query", FEATURES, FEATURES),
              linear(file, name + "attention.self.key", FEATURES, FEATURES),
              linear(file, name + "attention.self.value", FEATURES, FEATURES))),
          linear(file, name + "attention.output.dense", FEATURES, FEATURES),
          norm(file, name + "attention.output.LayerNorm"),
          linear(file, name + "intermediate.dense", FEATURES, INTERMEDIATE),
          linear(file, name + "output.dense", INTERMEDIATE, FEATURES),
          norm(file, name + "output.LayerNorm")));
    }
    float[] words = floats(file, "embeddings.word_embeddings.weight");
    if (words.length != 30522 * FEATURES) {
      throw new IllegalArgumentException(
          "expected the word embeddings of all-MiniLM-L6-v2, [30522][384], got "
              + file.tensor("embeddings.word_embeddings.weight"));
    }
    return new MiniLm(words, floats(file, "embeddings.position_embeddings.weight"),
        Arrays.copyOf(floats(file, "embeddings.token_type_embeddings.weight"), FEATURES),
        norm(file, "embeddings.LayerNorm"), layers);
  }

  /** What the names of a layer's tensors begin with. */
  static String layer(int index) {
    return "encoder.layer." + index + ".";
  }

  /** The embedding of a word at a place of its sentence, before the layer norm. */
  void embedding(int word, int position, float[] row) {
    for (int i = 0; i < FEATURES; i++) {
      row[i] = words[word * FEATURES + i] + tokenType[i] + positions[position * FEATURES + i];
    }
  }

  private static Linear linear(WeightFile file, String name, int in, int out) {
    float[] bias = floats(file, name + ".bias");
    float[] weight = floats(file, name + ".weight");
    if (weight.length != in * out || bias.length != out) {
      throw new IllegalArgumentException(
          name + ": expected " + in + " x " + out + " weights of all-MiniLM-L6-v2, got "
              + file.tensor(name + ".weight"));
    }
    return new Linear(in, out, file.outputAxis(name + ".weight") == 1 ? weight : turned(weight, in, out),
        bias);
  }

  private static Norm norm(WeightFile file, String name) {
    return new Norm(floats(file, name + ".weight"), floats(file, name + ".bias"));
  }

  private static float[] floats(WeightFile file, String name) {
    StoredTensor tensor = file.tensor(name);
    if (tensor.type().isFloat()) {
      return tensor.floats();
    }
    QTensor quantized = file.quantized(name);
    float[] values = new float[(int) quantized.shape().elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = quantized.real(i);
    }
    return values;
  }

  /** {@code [out][in]} to {@code [in][out]}. */
  private static float[] turned(float[] weight, int in, int out) {
    float[] result = new float[weight.length];
    for (int n = 0; n < out; n++) {
      for (int k = 0; k < in; k++) {
        result[k * out + n] = weight[n * in + k];
      }
    }
    return result;
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

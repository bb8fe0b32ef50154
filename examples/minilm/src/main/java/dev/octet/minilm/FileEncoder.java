package dev.octet.minilm;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.WeightLayout;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.MatMul;
import dev.octet.op.Quantize;
import dev.octet.quantize.file.MalformedFileException;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.WeightFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * all-MiniLM-L6-v2 with the weights of a quantized file, as they are: every linear layer is a product on the
 * file's integers and scales. Where the file has a scale for the input of a layer, {@code LAYER.input_scale}
 * with {@code LAYER.input_zero_point} as {@code octet quantize --calibration} writes them, that is a
 * {@link MatMul} on 8-bit weights; else it is a {@link DynamicMatMul}, int8 or int4, whose input is quantized
 * row by row at run time. Attention, GELU and layer norms are plain float Java. {@link OnnxEncoder} runs the
 * whole model on Octet.
 *
 * <p>
 * A layer that the file holds in floats is multiplied in floats.
 */
public final class FileEncoder implements Encoder {
  /** One linear layer. */
  @FunctionalInterface
  private interface Product {
    void run(float[] x, float[] y, int yFirst, int yStride, int rows);
  }

  private record Layer(Product query, Product key, Product value, Product attentionOutput,
      Product intermediate, Product output) {}

  private final Octet octet;
  private final MiniLm model;
  private final List<Layer> layers = new ArrayList<>();
  private String kernel = "float";
  private long bytes;

  /**
   * Prepares the layers of a file.
   *
   * @param file is not needed any more afterwards
   * @param octet whose engine takes the products; closed with this
   */
  public FileEncoder(WeightFile file, Octet octet) {
    this.octet = octet;
    this.model = MiniLm.read(file);
    for (int i = 0; i < MiniLm.LAYERS; i++) {
      String name = MiniLm.layer(i);
      MiniLm.Layer real = model.layers().get(i);
      layers.add(new Layer(product(file, name + "attention.self.query", part(real.queryKeyValue(), 0)),
          product(file, name + "attention.self.key", part(real.queryKeyValue(), 1)),
          product(file, name + "attention.self.value", part(real.queryKeyValue(), 2)),
          product(file, name + "attention.output.dense", real.attentionOutput()),
          product(file, name + "intermediate.dense", real.intermediate()),
          product(file, name + "output.dense", real.output())));
    }
  }

  /** One of the projections that lie side by side. */
  private static MiniLm.Linear part(MiniLm.Linear all, int index) {
    int n = MiniLm.FEATURES;
    float[] weight = new float[all.in() * n];
    float[] bias = new float[n];
    for (int k = 0; k < all.in(); k++) {
      System.arraycopy(all.weight(), k * all.out() + index * n, weight, k * n, n);
    }
    System.arraycopy(all.bias(), index * n, bias, 0, n);
    return new MiniLm.Linear(all.in(), n, weight, bias);
  }

  private Product product(WeightFile file, String name, MiniLm.Linear real) {
    String weight = name + ".weight";
    if (file.tensor(weight).type().isFloat()) {
      bytes += 4L * real.weight().length;
      return (x, y, first, stride, rows) -> {
        float[][] result = FloatEncoder.product(real, FloatEncoder.cut(x, x.length / real.in()));
        for (int r = 0; r < rows; r++) {
          System.arraycopy(result[r], 0, y, first + r * stride, real.out());
        }
      };
    }
    QTensor quantized = file.quantized(weight);
    WeightLayout layout = file.outputAxis(weight) == 1 ? WeightLayout.IN_OUT : WeightLayout.OUT_IN;
    if (file.tensors().stream().anyMatch(tensor -> tensor.name().equals(name + ".input_scale"))) {
      return fixed(file, name, quantized, layout, real);
    }
    DynamicMatMul op = octet.dynamicMatMul().weights(quantized, layout).bias(real.bias()).prepare();
    kernel = op.kernel();
    bytes += op.packedBytes();
    return (x, y, first, stride, rows) -> op.run(MemorySegment.ofArray(x), real.in(),
        MemorySegment.ofArray(y).asSlice(4L * first), stride, rows);
  }

  /** A layer whose input has a scale from calibration. */
  private Product fixed(WeightFile file, String name, QTensor weights, WeightLayout layout,
      MiniLm.Linear real) {
    StoredTensor scale = file.tensor(name + ".input_scale");
    StoredTensor zeroPoint = file.tensor(name + ".input_zero_point");
    if (scale.shape().elements() != 1 || zeroPoint.shape().elements() != 1
        || zeroPoint.type().quantized().isEmpty()) {
      throw new MalformedFileException(
          "expected one scale and one zero point of 8 bits, got " + scale + " and " + zeroPoint);
    }
    DataType type = zeroPoint.type().quantized().orElseThrow();
    Quantization input = Quantization.perTensor(scale.floats()[0], (int) zeroPoint.integer(0));
    Quantize quantize = octet.quantize().output(type, input).prepare();
    MatMul op = octet.matMul().input(type, input).weights(weights, layout).bias(real.bias()).outputF32()
        .prepare();
    kernel = op.kernel();
    bytes += op.packedBytes();
    return (x, y, first, stride, rows) -> {
      MemorySegment integers = MemorySegment.ofArray(new byte[rows * real.in()]);
      quantize.run(MemorySegment.ofArray(x), integers, integers.byteSize());
      op.run(integers, real.in(), MemorySegment.ofArray(y).asSlice(4L * first), stride, rows);
    };
  }

  @Override
  public String name() {
    return "octet-file";
  }

  /** The kernel that the last quantized layer runs on. */
  public String kernel() {
    return kernel;
  }

  @Override
  public double weightMegabytes() {
    return bytes / 1e6;
  }

  @Override
  public float[][] embed(int[][] sentences) {
    int rows = 0;
    int longest = 0;
    for (int[] sentence : sentences) {
      rows += sentence.length;
      longest = Math.max(longest, sentence.length);
    }
    int n = MiniLm.FEATURES;
    float[] hidden = new float[rows * n];
    float[] qkv = new float[rows * 3 * n];
    float[] context = new float[rows * n];
    float[] change = new float[rows * n];
    float[] wide = new float[rows * MiniLm.INTERMEDIATE];
    Attention attention = new Attention(longest);
    embeddings(sentences, hidden);
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      layer.query.run(hidden, qkv, 0, 3 * n, rows);
      layer.key.run(hidden, qkv, n, 3 * n, rows);
      layer.value.run(hidden, qkv, 2 * n, 3 * n, rows);
      int first = 0;
      for (int[] sentence : sentences) {
        attention.run(qkv, first, sentence.length, context);
        first += sentence.length;
      }
      layer.attentionOutput.run(context, change, 0, n, rows);
      addAndNorm(hidden, change, model.layers().get(i).attentionNorm());
      layer.intermediate.run(hidden, wide, 0, MiniLm.INTERMEDIATE, rows);
      FloatRows.gelu(wide, wide.length);
      layer.output.run(wide, change, 0, n, rows);
      addAndNorm(hidden, change, model.layers().get(i).outputNorm());
    }
    float[][] vectors = new float[sentences.length][];
    int first = 0;
    for (int s = 0; s < sentences.length; s++) {
      vectors[s] = Vectors.pool(hidden, first, sentences[s].length);
      first += sentences[s].length;
    }
    return vectors;
  }

  private void embeddings(int[][] sentences, float[] hidden) {
    float[] row = new float[MiniLm.FEATURES];
    int at = 0;
    for (int[] sentence : sentences) {
      for (int position = 0; position < sentence.length; position++) {
        model.embedding(sentence[position], position, row);
        FloatRows.layerNorm(row, model.norm().weight(), model.norm().bias());
        System.arraycopy(row, 0, hidden, at++ * MiniLm.FEATURES, MiniLm.FEATURES);
      }
    }
  }

  private void addAndNorm(float[] hidden, float[] change, MiniLm.Norm norm) {
    float[] row = new float[MiniLm.FEATURES];
    for (int at = 0; at < hidden.length; at += row.length) {
      for (int i = 0; i < row.length; i++) {
        row[i] = hidden[at + i] + change[at + i];
      }
      FloatRows.layerNorm(row, norm.weight(), norm.bias());
      System.arraycopy(row, 0, hidden, at, row.length);
    }
  }

  @Override
  public void close() {
    octet.close();
  }
}

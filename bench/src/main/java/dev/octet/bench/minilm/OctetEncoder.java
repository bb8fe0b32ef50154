package dev.octet.bench.minilm;

import static dev.octet.DataType.S8;
import static dev.octet.WeightLayout.IN_OUT;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.op.DynamicMatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;

/**
 * all-MiniLM-L6-v2 on Octet: weights at int8 per output channel, activations quantized per row on the fly.
 * The sentences of a batch lie behind one another without padding, so that a linear layer is one product over
 * all their tokens.
 */
final class OctetEncoder implements Encoder {
  private record Layer(DynamicMatMul queryKeyValue, DynamicMatMul attentionOutput, MiniLm.Norm attentionNorm,
      DynamicMatMul intermediate, DynamicMatMul output, MiniLm.Norm outputNorm) {}

  private final Octet octet;
  private final MiniLm model;
  private final List<Layer> layers;
  private final String name;
  private final Times times = new Times();
  private final float[] row = new float[MiniLm.INTERMEDIATE];
  private Attention attention = new Attention(0);
  private Buffers buffers = new Buffers(0);

  /**
   * On an engine.
   *
   * @param model the FP32 weights; quantized here
   * @param engine the engine that every linear layer must run on
   * @param threads threads for one product
   * @param suffix of the name
   */
  OctetEncoder(MiniLm model, Engine engine, int threads, String suffix) {
    this.model = model;
    this.octet = Octet.builder().engine(engine).threads(threads).open();
    this.name = "octet-" + engine.name().toLowerCase(Locale.ROOT) + suffix;
    try {
      this.layers = model.layers().stream().map(layer -> new Layer(prepare(layer.queryKeyValue()),
          prepare(layer.attentionOutput()), layer.attentionNorm(), prepare(layer.intermediate()),
          prepare(layer.output()), layer.outputNorm())).toList();
    } catch (RuntimeException e) {
      octet.close();
      throw e;
    }
  }

  private DynamicMatMul prepare(MiniLm.Linear linear) {
    QTensor weights = Quantizer.symmetric(S8).perChannel(1).quantize(linear.weight(),
        Shape.of(linear.in(), linear.out()));
    return octet.dynamicMatMul().weights(weights, IN_OUT).bias(linear.bias()).prepare();
  }

  @Override
  public String name() {
    return name;
  }

  /** The kernel that the linear layers run on. */
  String kernel() {
    return layers.get(0).intermediate().kernel();
  }

  @Override
  public double weightMegabytes() {
    long bytes = 0;
    for (Layer layer : layers) {
      bytes += layer.queryKeyValue().packedBytes() + layer.attentionOutput().packedBytes()
          + layer.intermediate().packedBytes() + layer.output().packedBytes();
    }
    return bytes / 1e6;
  }

  @Override
  public Times times() {
    return times;
  }

  @Override
  public float[][] embed(int[][] sentences) {
    times.clear();
    int rows = 0;
    int longest = 0;
    for (int[] sentence : sentences) {
      rows += sentence.length;
      longest = Math.max(longest, sentence.length);
    }
    if (buffers.rows < rows) {
      buffers.arena.close();
      buffers = new Buffers(rows);
    }
    if (attention.maxTokens() < longest) {
      attention = new Attention(longest);
    }
    embeddings(sentences);
    for (Layer layer : layers) {
      attend(layer, sentences, rows);
      feedForward(layer, rows);
    }
    copy(buffers.hidden, 0, buffers.context, rows * MiniLm.FEATURES);
    float[][] vectors = new float[sentences.length][];
    int first = 0;
    for (int i = 0; i < sentences.length; i++) {
      vectors[i] = Vectors.pool(buffers.context, first, sentences[i].length);
      first += sentences[i].length;
    }
    return vectors;
  }

  private void embeddings(int[][] sentences) {
    long start = System.nanoTime();
    int at = 0;
    for (int[] sentence : sentences) {
      for (int position = 0; position < sentence.length; position++) {
        int word = sentence[position] * MiniLm.FEATURES;
        int place = position * MiniLm.FEATURES;
        for (int i = 0; i < MiniLm.FEATURES; i++) {
          row[i] = model.words()[word + i] + model.tokenType()[i] + model.positions()[place + i];
        }
        FloatRows.layerNorm(row, model.norm().weight(), model.norm().bias());
        copy(row, buffers.hidden, at++ * MiniLm.FEATURES, MiniLm.FEATURES);
      }
    }
    times.add(Times.Kind.EMBEDDING, System.nanoTime() - start);
  }

  private void attend(Layer layer, int[][] sentences, int rows) {
    product(layer.queryKeyValue(), buffers.hidden, buffers.wide, rows);
    long start = System.nanoTime();
    copy(buffers.wide, 0, buffers.queryKeyValue, rows * 3 * MiniLm.FEATURES);
    times.add(Times.Kind.ATTENTION, System.nanoTime() - start);
    int first = 0;
    for (int[] sentence : sentences) {
      attention.run(buffers.queryKeyValue, first, sentence.length, buffers.context, times);
      first += sentence.length;
    }
    copy(buffers.context, buffers.narrow, 0, rows * MiniLm.FEATURES);
    product(layer.attentionOutput(), buffers.narrow, buffers.wide, rows);
    addAndNorm(buffers.wide, layer.attentionNorm(), rows);
  }

  private void feedForward(Layer layer, int rows) {
    product(layer.intermediate(), buffers.hidden, buffers.wide, rows);
    long start = System.nanoTime();
    for (int r = 0; r < rows; r++) {
      copy(buffers.wide, r * MiniLm.INTERMEDIATE, row, MiniLm.INTERMEDIATE);
      FloatRows.gelu(row, MiniLm.INTERMEDIATE);
      copy(row, buffers.wide, r * MiniLm.INTERMEDIATE, MiniLm.INTERMEDIATE);
    }
    times.add(Times.Kind.GELU, System.nanoTime() - start);
    product(layer.output(), buffers.wide, buffers.narrow, rows);
    addAndNorm(buffers.narrow, layer.outputNorm(), rows);
  }

  private void product(DynamicMatMul layer, MemorySegment x, MemorySegment y, int rows) {
    long start = System.nanoTime();
    layer.run(x, y, rows);
    times.add(Times.Kind.MATMUL, System.nanoTime() - start);
  }

  /** {@code hidden = norm(hidden + change)}. */
  private void addAndNorm(MemorySegment change, MiniLm.Norm norm, int rows) {
    long start = System.nanoTime();
    float[] residual = buffers.residual;
    for (int r = 0; r < rows; r++) {
      copy(buffers.hidden, r * MiniLm.FEATURES, residual, MiniLm.FEATURES);
      copy(change, r * MiniLm.FEATURES, row, MiniLm.FEATURES);
      for (int i = 0; i < MiniLm.FEATURES; i++) {
        row[i] += residual[i];
      }
      FloatRows.layerNorm(row, norm.weight(), norm.bias());
      copy(row, buffers.hidden, r * MiniLm.FEATURES, MiniLm.FEATURES);
    }
    times.add(Times.Kind.NORM, System.nanoTime() - start);
  }

  private static void copy(MemorySegment from, int first, float[] to, int count) {
    MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, 4L * first, to, 0, count);
  }

  private static void copy(float[] from, MemorySegment to, int first, int count) {
    MemorySegment.copy(from, 0, to, ValueLayout.JAVA_FLOAT, 4L * first, count);
  }

  @Override
  public void close() {
    octet.close();
    buffers.arena.close();
  }

  /** What lies between the layers, for so many tokens. */
  private static final class Buffers {
    final int rows;
    final Arena arena = Arena.ofShared();
    final MemorySegment hidden;
    final float[] queryKeyValue;
    final float[] context;
    final float[] residual = new float[MiniLm.FEATURES];
    final MemorySegment narrow;
    final MemorySegment wide;

    Buffers(int rows) {
      this.rows = rows;
      this.hidden = arena.allocate(4L * rows * MiniLm.FEATURES, 64);
      this.narrow = arena.allocate(4L * rows * MiniLm.FEATURES, 64);
      this.wide = arena.allocate(4L * rows * MiniLm.INTERMEDIATE, 64);
      this.queryKeyValue = new float[rows * 3 * MiniLm.FEATURES];
      this.context = new float[rows * MiniLm.FEATURES];
    }
  }
}

package dev.octet.minilm;

import dev.octet.Engine;
import dev.octet.Octet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * all-MiniLM-L6-v2 on Octet at int8, see {@link OctetLayer} for what is quantized how. The sentences of a
 * batch lie behind one another without padding, so that a linear layer is one product over all their tokens.
 */
public final class OctetEncoder implements Encoder {
  private final Octet octet;
  private final Octet fallback;
  private final MiniLm model;
  private final List<OctetLayer> layers = new ArrayList<>();
  private final IntegerAttention attention;
  private final String name;
  private final Times times = new Times();
  private final float[] row = new float[MiniLm.FEATURES];
  private final float[] residual = new float[MiniLm.FEATURES];
  private final byte[] bytes = new byte[MiniLm.FEATURES];
  private Buffers buffers = new Buffers(0);

  /**
   * On an engine.
   *
   * @param model the FP32 weights; quantized here
   * @param ranges of the activations of each layer
   * @param engine the engine that every product must run on
   * @param threads threads for one product
   * @param suffix of the name
   */
  public OctetEncoder(MiniLm model, List<Ranges> ranges, Engine engine, int threads, String suffix) {
    this.model = model;
    this.octet = Octet.builder().engine(engine).threads(threads).open();
    this.fallback = Octet.builder().engine(Engine.SCALAR).open();
    this.name = "octet-" + engine.name().toLowerCase(Locale.ROOT) + suffix;
    try {
      for (int i = 0; i < ranges.size(); i++) {
        layers.add(new OctetLayer(octet, fallback, model.layers().get(i), ranges.get(i)));
      }
      this.attention = new IntegerAttention(octet);
    } catch (RuntimeException e) {
      octet.close();
      fallback.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return name;
  }

  /** The kernels that linear layers and attention run on. */
  public String kernel() {
    return layers.get(0).intermediate.kernel() + ", " + attention.kernel();
  }

  @Override
  public double weightMegabytes() {
    return layers.stream().mapToLong(OctetLayer::packedBytes).sum() / 1e6;
  }

  @Override
  public Times times() {
    return times;
  }

  @Override
  public float[][] embed(int[][] sentences) {
    times.clear();
    int rows = 0;
    for (int[] sentence : sentences) {
      rows += sentence.length;
    }
    if (buffers.rows < rows) {
      buffers.arena.close();
      buffers = new Buffers(rows);
    }
    embeddings(sentences);
    for (OctetLayer layer : layers) {
      quantize(layer.hiddenFactors, rows);
      attend(layer, sentences, rows);
      quantize(layer.attendedFactors, rows);
      feedForward(layer, rows);
    }
    float[][] vectors = new float[sentences.length][];
    int first = 0;
    for (int i = 0; i < sentences.length; i++) {
      vectors[i] = Vectors.pool(buffers.hidden, first, sentences[i].length);
      first += sentences[i].length;
    }
    return vectors;
  }

  private void embeddings(int[][] sentences) {
    long start = System.nanoTime();
    int at = 0;
    for (int[] sentence : sentences) {
      for (int position = 0; position < sentence.length; position++) {
        model.embedding(sentence[position], position, row);
        FloatRows.layerNorm(row, model.norm().weight(), model.norm().bias());
        System.arraycopy(row, 0, buffers.hidden, at++ * MiniLm.FEATURES, MiniLm.FEATURES);
      }
    }
    times.add(Times.Kind.EMBEDDING, System.nanoTime() - start);
  }

  /** {@code narrow = hidden * factors}, as U8 about 128. */
  private void quantize(float[] factors, int rows) {
    long start = System.nanoTime();
    for (int r = 0; r < rows; r++) {
      System.arraycopy(buffers.hidden, r * MiniLm.FEATURES, row, 0, MiniLm.FEATURES);
      FloatRows.quantize(row, factors, bytes, MiniLm.FEATURES);
      MemorySegment.copy(bytes, 0, buffers.narrow, ValueLayout.JAVA_BYTE, (long) r * MiniLm.FEATURES,
          MiniLm.FEATURES);
    }
    times.add(Times.Kind.QUANTIZE, System.nanoTime() - start);
  }

  private void attend(OctetLayer layer, int[][] sentences, int rows) {
    long start = System.nanoTime();
    layer.queryKeyValue.run(buffers.narrow, buffers.wide, rows);
    times.add(Times.Kind.MATMUL, System.nanoTime() - start);
    int first = 0;
    for (int[] sentence : sentences) {
      attention.run(buffers.wide, first, sentence.length, layer.scoreScales, layer.valueScales,
          buffers.context, times);
      first += sentence.length;
    }
    start = System.nanoTime();
    layer.attentionOutput.run(buffers.context, buffers.change, rows);
    times.add(Times.Kind.MATMUL, System.nanoTime() - start);
    addAndNorm(layer.attentionNorm, rows);
  }

  private void feedForward(OctetLayer layer, int rows) {
    long start = System.nanoTime();
    layer.intermediate.run(buffers.narrow, buffers.wide, rows);
    long multiplied = System.nanoTime();
    layer.gelu.run(buffers.wide, buffers.wide, (long) rows * MiniLm.INTERMEDIATE);
    long activated = System.nanoTime();
    layer.output.run(buffers.wide, buffers.change, rows);
    times.add(Times.Kind.MATMUL, multiplied - start + System.nanoTime() - activated);
    times.add(Times.Kind.GELU, activated - multiplied);
    addAndNorm(layer.outputNorm, rows);
  }

  /** {@code hidden = norm(hidden + change)}. */
  private void addAndNorm(MiniLm.Norm norm, int rows) {
    long start = System.nanoTime();
    for (int r = 0; r < rows; r++) {
      System.arraycopy(buffers.hidden, r * MiniLm.FEATURES, residual, 0, MiniLm.FEATURES);
      MemorySegment.copy(buffers.change, ValueLayout.JAVA_FLOAT, 4L * r * MiniLm.FEATURES, row, 0,
          MiniLm.FEATURES);
      for (int i = 0; i < MiniLm.FEATURES; i++) {
        row[i] += residual[i];
      }
      FloatRows.layerNorm(row, norm.weight(), norm.bias());
      System.arraycopy(row, 0, buffers.hidden, r * MiniLm.FEATURES, MiniLm.FEATURES);
    }
    times.add(Times.Kind.NORM, System.nanoTime() - start);
  }

  @Override
  public void close() {
    octet.close();
    fallback.close();
    attention.close();
    buffers.arena.close();
  }

  /** What lies between the layers, for so many tokens. */
  private static final class Buffers {
    final int rows;
    final Arena arena = Arena.ofShared();
    final float[] hidden;
    /** U8 {@code [rows][384]}: inputs of products. */
    final MemorySegment narrow;
    /** Bytes {@code [rows][1536]}: queries, keys and values; argument and value of GELU. */
    final MemorySegment wide;
    /** F32 {@code [rows][384]}. */
    final MemorySegment context;
    /** F32 {@code [rows][384]}, added to hidden. */
    final MemorySegment change;

    Buffers(int rows) {
      this.rows = rows;
      long elements = (long) rows * MiniLm.FEATURES;
      this.hidden = new float[rows * MiniLm.FEATURES];
      this.narrow = arena.allocate(elements, 64);
      this.wide = arena.allocate((long) rows * MiniLm.INTERMEDIATE, 64);
      this.context = arena.allocate(4 * elements, 64);
      this.change = arena.allocate(4 * elements, 64);
    }
  }
}

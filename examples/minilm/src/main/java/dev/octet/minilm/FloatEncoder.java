package dev.octet.minilm;

import java.util.Arrays;
import java.util.List;

/**
 * The encoder in plain float Java, layer by layer: what runs sample sentences before quantization, to record
 * what goes into each linear layer. About 10 GFLOPS; a sample of some hundred tokens takes half a second.
 */
public final class FloatEncoder implements Encoder {
  /** Activations that go into linear layers, and the projections of attention. */
  public enum Part {
    /** What goes into the projections of attention. */
    HIDDEN,
    /** Queries, keys and values side by side. */
    QUERY_KEY_VALUE,
    /** What comes out of attention. */
    CONTEXT,
    /** What goes into the feed-forward layers. */
    ATTENDED,
    /** The value of GELU. */
    ACTIVATED
  }

  /** Sees activations as they come by. */
  @FunctionalInterface
  public interface Watcher {
    /**
     * Rows of one sentence.
     *
     * @param layer the encoder layer
     * @param part of it
     * @param rows a row for each token; not to be kept
     */
    void see(int layer, Part part, float[][] rows);
  }

  private static final Watcher NOBODY = (layer, part, rows) -> {
  };

  private final MiniLm model;

  /** With weights of its own or those of a file. */
  public FloatEncoder(MiniLm model) {
    this.model = model;
  }

  @Override
  public String name() {
    return "java-fp32";
  }

  @Override
  public double weightMegabytes() {
    return 4 * MiniLm.LINEAR_WEIGHTS / 1e6;
  }

  @Override
  public void close() {}

  @Override
  public float[][] embed(int[][] sentences) {
    float[][] vectors = new float[sentences.length][];
    for (int s = 0; s < sentences.length; s++) {
      vectors[s] = Vectors.pool(flat(run(sentences[s], NOBODY)), 0, sentences[s].length);
    }
    return vectors;
  }

  /**
   * Runs sentences and lets somebody see the activations.
   *
   * @param sentences token ids
   * @param watcher sees them
   */
  public void watch(int[][] sentences, Watcher watcher) {
    for (int[] sentence : sentences) {
      run(sentence, watcher);
    }
  }

  private float[][] run(int[] sentence, Watcher watcher) {
    int rows = sentence.length;
    float[][] hidden = new float[rows][MiniLm.FEATURES];
    for (int position = 0; position < rows; position++) {
      model.embedding(sentence[position], position, hidden[position]);
      FloatRows.layerNorm(hidden[position], model.norm().weight(), model.norm().bias());
    }
    Attention attention = new Attention(rows);
    float[] context = new float[rows * MiniLm.FEATURES];
    for (int i = 0; i < model.layers().size(); i++) {
      MiniLm.Layer layer = model.layers().get(i);
      watcher.see(i, Part.HIDDEN, hidden);
      float[][] projected = product(layer.queryKeyValue(), hidden);
      watcher.see(i, Part.QUERY_KEY_VALUE, projected);
      attention.run(flat(projected), 0, rows, context);
      float[][] contextRows = cut(context, rows);
      watcher.see(i, Part.CONTEXT, contextRows);
      addAndNorm(hidden, product(layer.attentionOutput(), contextRows), layer.attentionNorm());
      watcher.see(i, Part.ATTENDED, hidden);
      float[][] wide = product(layer.intermediate(), hidden);
      for (float[] row : wide) {
        FloatRows.gelu(row, row.length);
      }
      watcher.see(i, Part.ACTIVATED, wide);
      addAndNorm(hidden, product(layer.output(), wide), layer.outputNorm());
    }
    return hidden;
  }

  static float[][] product(MiniLm.Linear linear, float[][] x) {
    float[][] y = new float[x.length][];
    float[] weights = new float[linear.out()];
    for (int r = 0; r < x.length; r++) {
      y[r] = Arrays.copyOf(linear.bias(), linear.out());
    }
    for (int k = 0; k < linear.in(); k++) {
      System.arraycopy(linear.weight(), k * linear.out(), weights, 0, linear.out());
      for (int r = 0; r < x.length; r++) {
        add(x[r][k], weights, y[r]);
      }
    }
    return y;
  }

  private static void add(float factor, float[] x, float[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.fma(factor, x[i], y[i]);
    }
  }

  private static void addAndNorm(float[][] hidden, float[][] change, MiniLm.Norm norm) {
    for (int r = 0; r < hidden.length; r++) {
      add(1, change[r], hidden[r]);
      FloatRows.layerNorm(hidden[r], norm.weight(), norm.bias());
    }
  }

  static float[] flat(float[][] rows) {
    int columns = rows[0].length;
    float[] result = new float[rows.length * columns];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(rows[r], 0, result, r * columns, columns);
    }
    return result;
  }

  static float[][] cut(float[] values, int rows) {
    int columns = values.length / rows;
    float[][] result = new float[rows][];
    for (int r = 0; r < rows; r++) {
      result[r] = Arrays.copyOfRange(values, r * columns, (r + 1) * columns);
    }
    return result;
  }
}

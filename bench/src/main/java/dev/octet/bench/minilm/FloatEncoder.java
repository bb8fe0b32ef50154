package dev.octet.bench.minilm;

import java.util.Arrays;
import java.util.List;

/**
 * The encoder in plain float Java, for one purpose: to run sample sentences before quantization and see how
 * large the activations become. About 10 GFLOPS; a sample of some hundred tokens takes half a second.
 */
final class FloatEncoder {
  private final MiniLm model;
  private final Times times = new Times();

  FloatEncoder(MiniLm model) {
    this.model = model;
  }

  /**
   * Runs sentences and looks at what comes by.
   *
   * @param sentences token ids
   * @return the ranges of each layer
   */
  List<Ranges> observe(int[][] sentences) {
    List<Ranges> ranges = model.layers().stream().map(layer -> new Ranges()).toList();
    for (int[] sentence : sentences) {
      int rows = sentence.length;
      float[][] hidden = new float[rows][MiniLm.FEATURES];
      for (int position = 0; position < rows; position++) {
        model.embedding(sentence[position], position, hidden[position]);
        FloatRows.layerNorm(hidden[position], model.norm().weight(), model.norm().bias());
      }
      Attention attention = new Attention(rows);
      float[] context = new float[rows * MiniLm.FEATURES];
      for (int i = 0; i < ranges.size(); i++) {
        MiniLm.Layer layer = model.layers().get(i);
        Ranges range = ranges.get(i);
        float[][] projected = product(layer.queryKeyValue(), hidden);
        Ranges.widen(range.hidden, hidden);
        Ranges.widen(range.queryKeyValue, projected);
        attention.run(flat(projected), 0, rows, context, times);
        addAndNorm(hidden, product(layer.attentionOutput(), cut(context, rows)), layer.attentionNorm());
        Ranges.widen(range.attended, hidden);
        float[][] wide = product(layer.intermediate(), hidden);
        for (float[] row : wide) {
          FloatRows.gelu(row, row.length);
        }
        Ranges.widen(range.activated, wide);
        addAndNorm(hidden, product(layer.output(), wide), layer.outputNorm());
      }
    }
    return ranges;
  }

  private static float[][] product(MiniLm.Linear linear, float[][] x) {
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

  private static float[] flat(float[][] rows) {
    int columns = rows[0].length;
    float[] result = new float[rows.length * columns];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(rows[r], 0, result, r * columns, columns);
    }
    return result;
  }

  private static float[][] cut(float[] values, int rows) {
    int columns = values.length / rows;
    float[][] result = new float[rows][];
    for (int r = 0; r < rows; r++) {
      result[r] = Arrays.copyOfRange(values, r * columns, (r + 1) * columns);
    }
    return result;
  }
}

package dev.octet.bench.minilm;

/**
 * Attention of one sentence in float arithmetic. Works on transposed scores, {@code [key][query]}: every inner loop runs
 * over all queries, so that C2 vectorizes it and neither the products nor the softmax need a sum across lanes.
 */
final class Attention {
  private static final int D = MiniLm.HEAD_FEATURES;
  private static final float SCALE = (float) (1 / Math.sqrt(D));

  private final int maxTokens;
  private final float[] query;
  private final float[][] scores;
  private final float[] max;
  private final float[] sum;
  private final float[][] context;

  Attention(int maxTokens) {
    this.maxTokens = maxTokens;
    this.query = new float[D * maxTokens];
    this.scores = new float[maxTokens][maxTokens];
    this.max = new float[maxTokens];
    this.sum = new float[maxTokens];
    this.context = new float[D][maxTokens];
  }

  /** The longest sentence that this fits. */
  int maxTokens() {
    return maxTokens;
  }

  /**
   * All heads.
   *
   * @param qkv rows of query, key and value side by side, {@code [tokens][3 * 384]}
   * @param first the first row of the sentence
   * @param tokens rows of the sentence
   * @param out {@code [tokens][384]} rows at the same place
   * @param times where softmax is booked apart
   */
  void run(float[] qkv, int first, int tokens, float[] out, Times times) {
    for (int head = 0; head < MiniLm.HEADS; head++) {
      long start = System.nanoTime();
      int column = head * D;
      for (int i = 0; i < tokens; i++) {
        int row = (first + i) * 3 * MiniLm.FEATURES + column;
        for (int d = 0; d < D; d++) {
          query[d * tokens + i] = qkv[row + d] * SCALE;
        }
      }
      for (int j = 0; j < tokens; j++) {
        int key = (first + j) * 3 * MiniLm.FEATURES + MiniLm.FEATURES + column;
        float[] s = scores[j];
        java.util.Arrays.fill(s, 0, tokens, 0f);
        for (int d = 0; d < D; d += 8) {
          addEight(s, tokens, qkv, key + d, query, d * tokens);
        }
      }
      long scored = System.nanoTime();
      softmax(tokens);
      long weighted = System.nanoTime();
      for (int d = 0; d < D; d++) {
        java.util.Arrays.fill(context[d], 0, tokens, 0f);
      }
      for (int d = 0; d < D; d++) {
        int value = first * 3 * MiniLm.FEATURES + 2 * MiniLm.FEATURES + column + d;
        weigh(context[d], qkv, value, tokens);
      }
      for (int i = 0; i < tokens; i++) {
        float inverse = 1 / sum[i];
        int row = (first + i) * MiniLm.FEATURES + column;
        for (int d = 0; d < D; d++) {
          out[row + d] = context[d][i] * inverse;
        }
      }
      times.add(Times.Kind.ATTENTION, scored - start + System.nanoTime() - weighted);
      times.add(Times.Kind.SOFTMAX, weighted - scored);
    }
  }

  /** {@code s[i] += a[0] * b[i] + a[1] * b[n + i] + ...}, eight terms: one load and store of s for eight products. */
  private static void addEight(float[] s, int n, float[] a, int at, float[] b, int from) {
    float a0 = a[at];
    float a1 = a[at + 1];
    float a2 = a[at + 2];
    float a3 = a[at + 3];
    float a4 = a[at + 4];
    float a5 = a[at + 5];
    float a6 = a[at + 6];
    float a7 = a[at + 7];
    for (int i = 0; i < n; i++) {
      float t = Math.fma(a0, b[from + i], s[i]);
      t = Math.fma(a1, b[from + n + i], t);
      t = Math.fma(a2, b[from + 2 * n + i], t);
      t = Math.fma(a3, b[from + 3 * n + i], t);
      t = Math.fma(a4, b[from + 4 * n + i], t);
      t = Math.fma(a5, b[from + 5 * n + i], t);
      t = Math.fma(a6, b[from + 6 * n + i], t);
      s[i] = Math.fma(a7, b[from + 7 * n + i], t);
    }
  }

  /** {@code e^(score - max)} of every column; the division by the sum waits for the context, which is shorter. */
  private void softmax(int tokens) {
    java.util.Arrays.fill(max, 0, tokens, Float.NEGATIVE_INFINITY);
    java.util.Arrays.fill(sum, 0, tokens, 0f);
    for (int j = 0; j < tokens; j++) {
      float[] s = scores[j];
      for (int i = 0; i < tokens; i++) {
        max[i] = Math.max(max[i], s[i]);
      }
    }
    for (int j = 0; j < tokens; j++) {
      float[] s = scores[j];
      for (int i = 0; i < tokens; i++) {
        s[i] -= max[i];
      }
      FloatRows.exp(s, tokens);
      for (int i = 0; i < tokens; i++) {
        sum[i] += s[i];
      }
    }
  }

  /** {@code out[i] = sum over j of value[j] * scores[j][i]}, four keys at a time. */
  private void weigh(float[] out, float[] qkv, int value, int tokens) {
    int stride = 3 * MiniLm.FEATURES;
    int j = 0;
    for (; j + 3 < tokens; j += 4) {
      addFour(out, tokens, qkv[value + j * stride], scores[j], qkv[value + (j + 1) * stride], scores[j + 1],
          qkv[value + (j + 2) * stride], scores[j + 2], qkv[value + (j + 3) * stride], scores[j + 3]);
    }
    for (; j < tokens; j++) {
      float a = qkv[value + j * stride];
      float[] s = scores[j];
      for (int i = 0; i < tokens; i++) {
        out[i] = Math.fma(a, s[i], out[i]);
      }
    }
  }

  private static void addFour(float[] out, int n, float a0, float[] s0, float a1, float[] s1, float a2, float[] s2,
      float a3, float[] s3) {
    for (int i = 0; i < n; i++) {
      float t = Math.fma(a0, s0[i], out[i]);
      t = Math.fma(a1, s1[i], t);
      t = Math.fma(a2, s2[i], t);
      out[i] = Math.fma(a3, s3[i], t);
    }
  }
}

package dev.octet.minilm;

import java.util.Arrays;

/**
 * Attention of one sentence in float arithmetic. Works on transposed scores, {@code [key][query]}: every
 * inner loop runs over all queries, so that C2 vectorizes it and neither the products nor the softmax need a
 * sum across lanes.
 */
final class Attention {
  private static final int D = MiniLm.HEAD_FEATURES;
  private static final int STRIDE = 3 * MiniLm.FEATURES;
  private static final float SCALE = (float) (1 / Math.sqrt(D));

  private final int maxTokens;
  /**
   * {@code [feature][query]}: an array a row, since C2 vectorizes across arrays but not across parts of one.
   */
  private final float[][] query;
  /** {@code [key][query]}, and one row more for the partner of an odd last key. */
  private final float[][] scores;
  private final float[][] context;
  private final float[] max;
  private final float[] sum;

  Attention(int maxTokens) {
    this.maxTokens = maxTokens;
    this.query = new float[D][maxTokens];
    this.scores = new float[maxTokens + 1][maxTokens];
    this.context = new float[D][maxTokens];
    this.max = new float[maxTokens];
    this.sum = new float[maxTokens];
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
   */
  void run(float[] qkv, int first, int tokens, float[] out) {
    for (int head = 0; head < MiniLm.HEADS; head++) {
      score(qkv, first * STRIDE + head * D, tokens);
      softmax(tokens);
      weigh(qkv, first * STRIDE + 2 * MiniLm.FEATURES + head * D, tokens);
      for (int i = 0; i < tokens; i++) {
        float inverse = 1 / sum[i];
        int row = (first + i) * MiniLm.FEATURES + head * D;
        for (int d = 0; d < D; d++) {
          out[row + d] = context[d][i] * inverse;
        }
      }
    }
  }

  /** {@code scores[j][i] = sum over d of key[j][d] * query[d][i] / sqrt(D)}, two keys at a time. */
  private void score(float[] qkv, int at, int tokens) {
    for (int i = 0; i < tokens; i++) {
      for (int d = 0; d < D; d++) {
        query[d][i] = qkv[at + i * STRIDE + d] * SCALE;
      }
    }
    for (int j = 0; j < tokens; j += 2) {
      int key = at + j * STRIDE + MiniLm.FEATURES;
      int partner = j + 1 < tokens ? key + STRIDE : key;
      Arrays.fill(scores[j], 0, tokens, 0f);
      Arrays.fill(scores[j + 1], 0, tokens, 0f);
      for (int d = 0; d < D; d += 4) {
        addFourToTwo(tokens, scores[j], qkv[key + d], qkv[key + d + 1], qkv[key + d + 2], qkv[key + d + 3],
            scores[j + 1], qkv[partner + d], qkv[partner + d + 1], qkv[partner + d + 2], qkv[partner + d + 3],
            query[d], query[d + 1], query[d + 2], query[d + 3]);
      }
    }
  }

  /**
   * {@code e^(score - max)} of every column; the division by the sum waits for the context, which is shorter.
   */
  private void softmax(int tokens) {
    Arrays.fill(max, 0, tokens, Float.NEGATIVE_INFINITY);
    Arrays.fill(sum, 0, tokens, 0f);
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

  /**
   * {@code context[d][i] = sum over j of value[j][d] * scores[j][i]}, two features and four keys at a time.
   */
  private void weigh(float[] qkv, int at, int tokens) {
    for (int d = 0; d < D; d += 2) {
      Arrays.fill(context[d], 0, tokens, 0f);
      Arrays.fill(context[d + 1], 0, tokens, 0f);
      int j = 0;
      for (; j + 3 < tokens; j += 4) {
        int value = at + j * STRIDE + d;
        addFourToTwo(tokens, context[d], qkv[value], qkv[value + STRIDE], qkv[value + 2 * STRIDE],
            qkv[value + 3 * STRIDE], context[d + 1], qkv[value + 1], qkv[value + STRIDE + 1],
            qkv[value + 2 * STRIDE + 1], qkv[value + 3 * STRIDE + 1], scores[j], scores[j + 1], scores[j + 2],
            scores[j + 3]);
      }
      for (; j < tokens; j++) {
        int value = at + j * STRIDE + d;
        addFourToTwo(tokens, context[d], qkv[value], 0, 0, 0, context[d + 1], qkv[value + 1], 0, 0, 0,
            scores[j],
            scores[j], scores[j], scores[j]);
      }
    }
  }

  /**
   * {@code s += a0 b0 + a1 b1 + a2 b2 + a3 b3} and {@code t += c0 b0 + c1 b1 + c2 b2 + c3 b3}: a load of b
   * serves two products, a load and store of s or t four. 31 GFLOPS on rows of 128 floats, where one term at
   * a time gives 18.
   */
  private static void addFourToTwo(int n, float[] s, float a0, float a1, float a2, float a3, float[] t,
      float c0,
      float c1, float c2, float c3, float[] b0, float[] b1, float[] b2, float[] b3) {
    for (int i = 0; i < n; i++) {
      s[i] = Math.fma(a3, b3[i], Math.fma(a2, b2[i], Math.fma(a1, b1[i], Math.fma(a0, b0[i], s[i]))));
      t[i] = Math.fma(c3, b3[i], Math.fma(c2, b2[i], Math.fma(c1, b1[i], Math.fma(c0, b0[i], t[i]))));
    }
  }
}

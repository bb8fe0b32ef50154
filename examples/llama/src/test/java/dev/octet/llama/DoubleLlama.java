package dev.octet.llama;

import dev.octet.quantize.file.GgufFile;
import java.util.Arrays;

/**
 * The model in double precision, written from the description of the architecture and with nothing of the
 * code that it judges: all tokens at once, full matrices of scores, no cache. May be made wrong on purpose.
 */
final class DoubleLlama {
  /** What may be wrong. */
  enum Flaw {
    NONE,
    /** Pairs half a head apart, as other families have them. */
    ROTATED_HALVES,
    /** The other way around. */
    ROTATED_BACK, NOT_ROTATED,
    /** Tokens see those that follow. */
    NO_MASK,
    /** Tokens do not see themselves. */
    STRICT_MASK,
    /** Head h reads keys h mod kvHeads. */
    OTHER_HEADS,
    /** Scores are not divided. */
    NO_SCALE,
    /** Frequencies are not divided by what the file says; told apart where it does. */
    NO_FACTORS,
    /** Up is gated by gate's place. */
    GATE_AND_UP_SWAPPED
  }

  private final GgufFile file;
  private final LlamaShape shape;
  private final Flaw flaw;

  DoubleLlama(GgufFile file, LlamaShape shape, Flaw flaw) {
    this.file = file;
    this.shape = shape;
    this.flaw = flaw;
  }

  /** The scores behind the last token. */
  double[] logits(int[] tokens) {
    double[][] x = new double[tokens.length][shape.hidden()];
    double[] embedding = weights("token_embd.weight");
    for (int t = 0; t < tokens.length; t++) {
      System.arraycopy(embedding, tokens[t] * shape.hidden(), x[t], 0, shape.hidden());
    }
    for (int layer = 0; layer < shape.layers(); layer++) {
      String blk = "blk." + layer + ".";
      plus(x, product(attention(norm(x, blk + "attn_norm.weight"), blk), blk + "attn_output.weight"));
      double[][] h = norm(x, blk + "ffn_norm.weight");
      boolean swapped = flaw == Flaw.GATE_AND_UP_SWAPPED;
      double[][] gate = product(h, blk + (swapped ? "ffn_up.weight" : "ffn_gate.weight"));
      double[][] up = product(h, blk + (swapped ? "ffn_gate.weight" : "ffn_up.weight"));
      for (int t = 0; t < x.length; t++) {
        for (int i = 0; i < up[t].length; i++) {
          up[t][i] *= gate[t][i] / (1 + Math.exp(-gate[t][i]));
        }
      }
      plus(x, product(up, blk + "ffn_down.weight"));
    }
    double[][] last = {x[x.length - 1]};
    return product(norm(last, "output_norm.weight"),
        file.names().contains("output.weight") ? "output.weight" : "token_embd.weight")[0];
  }

  private double[][] attention(double[][] x, String blk) {
    double[][] q = product(x, blk + "attn_q.weight");
    double[][] k = product(x, blk + "attn_k.weight");
    double[][] v = product(x, blk + "attn_v.weight");
    int size = shape.headSize();
    double[][] out = new double[x.length][q[0].length];
    for (int t = 0; t < x.length; t++) {
      rotate(q[t], t);
      rotate(k[t], t);
    }
    for (int head = 0; head < shape.heads(); head++) {
      int other = flaw == Flaw.OTHER_HEADS
          ? head % shape.kvHeads()
          : head / (shape.heads() / shape.kvHeads());
      for (int t = 0; t < x.length; t++) {
        double sum = 0;
        double[] mixed = new double[size];
        for (int s = 0; s < x.length; s++) {
          if ((s > t && flaw != Flaw.NO_MASK) || (s == t && t > 0 && flaw == Flaw.STRICT_MASK)) {
            continue;
          }
          double score = 0;
          for (int i = 0; i < size; i++) {
            score += q[t][head * size + i] * k[s][other * size + i];
          }
          double weight = Math.exp(flaw == Flaw.NO_SCALE ? score : score / Math.sqrt(size));
          sum += weight;
          for (int i = 0; i < size; i++) {
            mixed[i] += weight * v[s][other * size + i];
          }
        }
        for (int i = 0; i < size; i++) {
          out[t][head * size + i] = mixed[i] / sum;
        }
      }
    }
    return out;
  }

  private void rotate(double[] heads, int position) {
    int rotated = shape.rotated();
    double[] factors = new double[rotated / 2];
    Arrays.fill(factors, 1);
    if (flaw != Flaw.NO_FACTORS && file.names().contains("rope_freqs.weight")) {
      factors = weights("rope_freqs.weight");
    }
    for (int begin = 0; begin < heads.length; begin += shape.headSize()) {
      for (int pair = 0; pair < rotated / 2; pair++) {
        boolean halves = flaw == Flaw.ROTATED_HALVES;
        int a = begin + (halves ? pair : 2 * pair);
        int b = begin + (halves ? pair + rotated / 2 : 2 * pair + 1);
        double angle = position / Math.pow(shape.ropeBase(), 2.0 * pair / rotated) / factors[pair];
        angle *= flaw == Flaw.ROTATED_BACK ? -1 : flaw == Flaw.NOT_ROTATED ? 0 : 1;
        double x = heads[a];
        double y = heads[b];
        heads[a] = x * Math.cos(angle) - y * Math.sin(angle);
        heads[b] = x * Math.sin(angle) + y * Math.cos(angle);
      }
    }
  }

  private double[][] norm(double[][] x, String name) {
    double[] weights = weights(name);
    double[][] y = new double[x.length][weights.length];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      for (double element : x[t]) {
        mean += element * element / weights.length;
      }
      for (int i = 0; i < weights.length; i++) {
        y[t][i] = x[t][i] / Math.sqrt(mean + shape.epsilon()) * weights[i];
      }
    }
    return y;
  }

  private double[][] product(double[][] x, String name) {
    double[] weights = weights(name);
    int in = x[0].length;
    double[][] y = new double[x.length][weights.length / in];
    for (int t = 0; t < x.length; t++) {
      for (int n = 0; n < y[t].length; n++) {
        for (int k = 0; k < in; k++) {
          y[t][n] += x[t][k] * weights[n * in + k];
        }
      }
    }
    return y;
  }

  private static void plus(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }

  private double[] weights(String name) {
    float[] floats = file.tensor(name).floats();
    double[] weights = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      weights[i] = floats[i];
    }
    return weights;
  }
}

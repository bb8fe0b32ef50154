package dev.octet.minilm;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perTensor;
import static dev.octet.WeightLayout.IN_OUT;

import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.op.Activation;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.Lookup;
import dev.octet.op.MatMul;

/**
 * The products of one encoder layer at int8: weights per output channel, activations with scales fixed
 * beforehand by {@link Ranges}, so that queries, keys, values and the argument of GELU leave their products
 * as bytes and no pass over floats is needed until attention and GELU are done.
 *
 * <p>
 * What a layer norm leaves has a few features that are ten times larger than the others; one scale for all
 * would leave the others four bits. So each feature is divided by a factor of its own where it is quantized,
 * which the rows of the weights are multiplied by. The factor is the square root of the ratio of the largest
 * activation to the largest weight, which shares the burden. The context of attention goes through a
 * {@link DynamicMatMul}: how far it stays below the values depends on the sentence.
 */
final class OctetLayer {
  /** GELU of what is less is -0.0001 or nearer to 0. */
  private static final float LEAST_ARGUMENT = -4f;
  /** The minimum of GELU, at -0.75. */
  private static final float LEAST_VALUE = -0.17f;

  final MatMul queryKeyValue;
  final DynamicMatMul attentionOutput;
  final MatMul intermediate;
  final Lookup gelu;
  final MatMul output;
  final MiniLm.Norm attentionNorm;
  final MiniLm.Norm outputNorm;
  /** What features are multiplied by to become integers about 128: inputs of queryKeyValue. */
  final float[] hiddenFactors;
  /** The same for inputs of intermediate. */
  final float[] attendedFactors;
  /**
   * What a product of a query and a key is multiplied by, for each head; with the 1/sqrt(32) of attention.
   */
  final float[] scoreScales;
  /** The scale of each feature of the values. */
  final float[] valueScales;

  /**
   * Quantizes and packs.
   *
   * @param octet whose engine must take every product
   * @param fallback takes the lookup where that engine has none, as ONEDNN has none
   * @param layer the FP32 weights
   * @param ranges of its activations
   */
  OctetLayer(Octet octet, Octet fallback, MiniLm.Layer layer, Ranges ranges) {
    this.attentionNorm = layer.attentionNorm();
    this.outputNorm = layer.outputNorm();
    this.hiddenFactors = smoothing(ranges.hidden, layer.queryKeyValue());
    this.attendedFactors = smoothing(ranges.attended, layer.intermediate());
    this.scoreScales = new float[MiniLm.HEADS];
    this.valueScales = new float[MiniLm.FEATURES];
    this.queryKeyValue = projection(octet, layer.queryKeyValue(), ranges);
    this.attentionOutput = octet.dynamicMatMul().weights(quantize(layer.attentionOutput()), IN_OUT)
        .bias(layer.attentionOutput().bias()).prepare();
    float max = Ranges.max(ranges.activated);
    Quantization argument = asymmetric(LEAST_ARGUMENT, max);
    Quantization value = asymmetric(LEAST_VALUE, max);
    this.intermediate = smoothed(octet, layer.intermediate(), attendedFactors).output(U8, argument).prepare();
    this.gelu = gelu(octet, fallback, argument, value);
    this.output = octet.matMul().input(U8, value).weights(quantize(layer.output()), IN_OUT)
        .bias(layer.output().bias()).outputF32().prepare();
  }

  private static Lookup gelu(Octet octet, Octet fallback, Quantization argument, Quantization value) {
    try {
      return octet.lookup(U8, argument, U8, value, Activation.GELU);
    } catch (UnsupportedOperationException lacking) {
      return fallback.lookup(U8, argument, U8, value, Activation.GELU);
    }
  }

  /** Bytes of packed weights. */
  long packedBytes() {
    return queryKeyValue.packedBytes() + attentionOutput.packedBytes() + intermediate.packedBytes()
        + output.packedBytes();
  }

  private static float[] smoothing(float[] activations, MiniLm.Linear linear) {
    float[] factors = new float[linear.in()];
    float largest = 0;
    for (int k = 0; k < factors.length; k++) {
      float weight = 0;
      for (int n = 0; n < linear.out(); n++) {
        weight = Math.max(weight, Math.abs(linear.weight()[k * linear.out() + n]));
      }
      factors[k] = (float) Math.sqrt(weight / Math.max(activations[k], 1e-6f));
      largest = Math.max(largest, activations[k] * factors[k]);
    }
    for (int k = 0; k < factors.length; k++) {
      factors[k] *= 127 / largest;
    }
    return factors;
  }

  /** Weights that undo the factors of their input; the scale of the input is in them. */
  private static MatMul.Builder smoothed(Octet octet, MiniLm.Linear linear, float[] factors) {
    return octet.matMul().input(U8, perTensor(1, 128)).weights(quantize(divided(linear, factors)), IN_OUT)
        .bias(linear.bias());
  }

  private static MiniLm.Linear divided(MiniLm.Linear linear, float[] factors) {
    float[] weight = new float[linear.weight().length];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = linear.weight()[i] / factors[i / linear.out()];
    }
    return new MiniLm.Linear(linear.in(), linear.out(), weight, linear.bias());
  }

  /**
   * Queries, keys and values side by side, in units of a scale for each output channel, which is divided out
   * of the scales of the weights. Features of queries and keys share a scale within a head, as their product
   * has to, after each is divided by what its partner is multiplied by.
   */
  private MatMul projection(Octet octet, MiniLm.Linear linear, Ranges ranges) {
    float[] units = new float[linear.out()];
    for (int head = 0; head < MiniLm.HEADS; head++) {
      float scale = 0;
      for (int d = head * MiniLm.HEAD_FEATURES; d < (head + 1) * MiniLm.HEAD_FEATURES; d++) {
        scale = Math.max(scale,
            (float) Math.sqrt(ranges.queryKeyValue[d] * ranges.queryKeyValue[MiniLm.FEATURES + d]) / 127);
      }
      for (int d = head * MiniLm.HEAD_FEATURES; d < (head + 1) * MiniLm.HEAD_FEATURES; d++) {
        float balance = (float) Math
            .sqrt(ranges.queryKeyValue[d] / ranges.queryKeyValue[MiniLm.FEATURES + d]);
        units[d] = scale * balance;
        units[MiniLm.FEATURES + d] = scale / balance;
      }
      scoreScales[head] = (float) (scale * scale / Math.sqrt(MiniLm.HEAD_FEATURES));
    }
    for (int d = 0; d < MiniLm.FEATURES; d++) {
      valueScales[d] = ranges.queryKeyValue[2 * MiniLm.FEATURES + d] / 127;
      units[2 * MiniLm.FEATURES + d] = valueScales[d];
    }
    QTensor weights = quantize(divided(linear, hiddenFactors));
    float[] scales = weights.quantization().scales();
    float[] bias = linear.bias().clone();
    for (int n = 0; n < units.length; n++) {
      scales[n] /= units[n];
      bias[n] /= units[n];
    }
    return octet.matMul().input(U8, perTensor(1, 128))
        .weights(QTensor.of(S8, weights.shape(), perChannel(1, scales), weights.data()), IN_OUT).bias(bias)
        .output(S8, perTensor(1)).prepare();
  }

  private static QTensor quantize(MiniLm.Linear linear) {
    return Quantizer.symmetric(S8).perChannel(1).quantize(linear.weight(),
        Shape.of(linear.in(), linear.out()));
  }

  private static Quantization asymmetric(float min, float max) {
    float scale = (max - min) / 255;
    return perTensor(scale, Math.round(-min / scale));
  }
}

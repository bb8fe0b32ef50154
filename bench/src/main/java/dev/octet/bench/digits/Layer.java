package dev.octet.bench.digits;

import dev.octet.Shape;
import dev.octet.bench.digits.Parameter.Kind;
import dev.octet.quantize.train.FakeQuantizer;
import dev.octet.quantize.train.FoldedBatchNorm;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One layer in training: convolution with folded batch normalization or a bias, ReLU, max pooling; in float,
 * or with weights, bias and output fake-quantized. Pooling stands before the quantizer: rounding keeps order,
 * so the integers are those of pooling behind it, and fewer are rounded.
 */
final class Layer {
  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = .1f;

  private final LayerShape shape;
  private final int batch;
  private final Convolution convolution;
  private final FoldedBatchNorm norm;
  private final Parameter weights;
  private final Parameter gamma;
  /** Beta of the normalization, or the bias. */
  private final Parameter shift;
  private Parameter weightScales;
  private Parameter outputScale;
  private Precision precision;
  private FakeQuantizer weightQuantizer;
  private FakeQuantizer outputQuantizer;
  private boolean statisticsOfBatch;

  private final float[] folded;
  private final float[] effective;
  private final float[] weightGradient;
  private final float[] bias;
  private final float[] product;
  private final float[] sum;
  private final float[] pooled;
  private final int[] origin;
  private final float[] output;
  private final float[] pooledGradient;
  private final float[] sumGradient;

  Layer(LayerShape shape, int batch, SplittableRandom random) {
    this.shape = shape;
    this.batch = batch;
    this.convolution = new Convolution(shape, batch);
    int sums = shape.outChannels() * shape.convHeight() * shape.convWidth() * batch;
    this.norm = shape.normalized()
        ? FoldedBatchNorm.of(Shape.of(shape.outChannels(), sums / shape.outChannels()), 0, EPSILON, MOMENTUM)
        : null;
    this.weights = Parameter.of(Kind.WEIGHT, new float[shape.weights()]);
    // He's: ReLU halves the variance.
    double spread = Math.sqrt(6.0 / shape.weightsPerChannel());
    for (int i = 0; i < shape.weights(); i++) {
      weights.value()[i] = (float) ((2 * random.nextDouble() - 1) * spread);
    }
    this.gamma = Parameter.of(Kind.SHIFT, new float[norm == null ? 0 : shape.outChannels()]);
    Arrays.fill(gamma.value(), 1);
    this.shift = Parameter.of(Kind.SHIFT, new float[shape.outChannels()]);
    this.folded = new float[shape.weights()];
    this.effective = new float[shape.weights()];
    this.weightGradient = new float[shape.weights()];
    this.bias = new float[shape.outChannels()];
    this.product = new float[sums];
    this.sum = new float[sums];
    this.pooled = new float[shape.outputs() * batch];
    this.origin = new int[pooled.length];
    this.output = new float[pooled.length];
    this.pooledGradient = new float[pooled.length];
    this.sumGradient = new float[sums];
  }

  LayerShape shape() {
    return shape;
  }

  /** Takes over what another layer of this shape has learned in float. */
  void copyFrom(Layer other) {
    copy(other.weights, weights);
    copy(other.gamma, gamma);
    copy(other.shift, shift);
    if (norm != null) {
      norm.setRunning(other.norm.runningMean(), other.norm.runningVariance());
    }
  }

  private static void copy(Parameter from, Parameter to) {
    System.arraycopy(from.value(), 0, to.value(), 0, to.value().length);
  }

  /** Whether batch normalization takes the statistics of the batch, and learns the running ones. */
  void useStatisticsOfBatch(boolean use) {
    statisticsOfBatch = use;
  }

  /** The fake quantizer of the weights of such a layer. */
  FakeQuantizer weightQuantizer(Precision of) {
    FakeQuantizer perTensor = FakeQuantizer.symmetric(of.weights());
    return of.perChannel()
        ? perTensor.perChannel(Shape.of(shape.outChannels(), shape.weightsPerChannel()), 0)
        : perTensor;
  }

  /** Quantizes from now on; the scale of the output is not used in the last layer. */
  void quantize(Precision to, float[] scalesOfWeights, float scaleOfOutput) {
    precision = to;
    weightQuantizer = weightQuantizer(to);
    outputQuantizer = FakeQuantizer.nonNegative(to.activations());
    weightScales = Parameter.of(Kind.STEP, scalesOfWeights);
    outputScale = Parameter.of(Kind.STEP, new float[]{scaleOfOutput});
  }

  List<Parameter> parameters() {
    Stream<Parameter> learned = Stream.of(weights, shift);
    if (norm != null) {
      learned = Stream.concat(learned, Stream.of(gamma));
    }
    if (precision != null) {
      learned = Stream.concat(learned, shape.last()
          ? Stream.of(weightScales)
          : Stream.of(weightScales, outputScale));
    }
    return learned.toList();
  }

  /** The result of the last forward. */
  float[] output() {
    return output;
  }

  /** The same before it was quantized. */
  float[] unquantized() {
    return pooled;
  }

  float outputScale() {
    return outputScale.value()[0];
  }

  float[] weightScales() {
    return weightScales.value();
  }

  /** The weights that the layer computes with, before they are quantized, in OHWI. */
  float[] foldedWeights() {
    if (norm == null) {
      System.arraycopy(weights.value(), 0, folded, 0, folded.length);
    } else {
      norm.foldWeights(weights.value(), gamma.value(), folded);
    }
    return folded;
  }

  /** The bias of the inference form, before it is quantized; after {@link #foldedWeights}. */
  float[] foldedBias() {
    if (norm == null) {
      System.arraycopy(shift.value(), 0, bias, 0, bias.length);
    } else {
      norm.foldBias(gamma.value(), shift.value(), bias);
    }
    return bias;
  }

  /** Computes {@link #output}; the scale of the input matters where this layer is quantized. */
  void forward(float[] x, float inputScale) {
    foldedWeights();
    if (precision == null) {
      System.arraycopy(folded, 0, effective, 0, folded.length);
    } else {
      weightQuantizer.forward(folded, weightScales.value(), effective);
    }
    convolution.forward(x, effective, product);
    if (norm != null && statisticsOfBatch) {
      norm.normalize(product, gamma.value(), shift.value(), sum);
    } else {
      foldedBias();
      if (precision != null && !shape.last()) {
        FakeQuantizer.forwardBias(bias, inputScale, weightScales.value(), bias);
      }
      addBias();
    }
    if (shape.last()) {
      System.arraycopy(sum, 0, pooled, 0, sum.length);
    } else {
      pool();
    }
    if (precision == null || shape.last()) {
      System.arraycopy(pooled, 0, output, 0, pooled.length);
    } else {
      outputQuantizer.forward(pooled, outputScale.value(), output);
    }
  }

  private void addBias() {
    int each = sum.length / bias.length;
    for (int c = 0; c < bias.length; c++) {
      for (int i = c * each; i < (c + 1) * each; i++) {
        sum[i] = product[i] + bias[c];
      }
    }
  }

  /** ReLU and maximum; remembers where each came from, -1 for ReLU's 0. */
  private void pool() {
    int step = shape.convWidth() * batch;
    int at = 0;
    for (int c = 0; c < shape.outChannels(); c++) {
      for (int y = 0; y < shape.outHeight(); y++) {
        for (int x = 0; x < shape.outWidth(); x++) {
          int corner = (c * shape.convHeight() + y * shape.pool()) * step + x * shape.pool() * batch;
          for (int b = 0; b < batch; b++, at++) {
            float most = 0;
            int from = -1;
            for (int tap = 0; tap < shape.pool() * shape.pool(); tap++) {
              int i = corner + tap / shape.pool() * step + tap % shape.pool() * batch + b;
              if (sum[i] > most) {
                most = sum[i];
                from = i;
              }
            }
            pooled[at] = most;
            origin[at] = from;
          }
        }
      }
    }
  }

  /**
   * Adds to the gradients of the parameters, after forward.
   *
   * @param dy the gradient of the output
   * @param dx receives the gradient of the input; null where nobody asks
   */
  void backward(float[] dy, float[] dx) {
    if (shape.last()) {
      System.arraycopy(dy, 0, sumGradient, 0, dy.length);
    } else {
      float[] dPooled = dy;
      if (precision != null) {
        outputQuantizer.backward(pooled, outputScale.value(), dy,
            outputQuantizer.gradientScale(shape.outputs()), pooledGradient, outputScale.gradient());
        dPooled = pooledGradient;
      }
      Arrays.fill(sumGradient, 0);
      for (int i = 0; i < dPooled.length; i++) {
        if (origin[i] >= 0) {
          sumGradient[origin[i]] += dPooled[i];
        }
      }
    }
    if (norm != null && statisticsOfBatch) {
      norm.normalizeBackward(product, gamma.value(), sumGradient, sumGradient, gamma.gradient(),
          shift.gradient());
    } else {
      biasBackward();
    }
    convolution.backward(sumGradient, effective, weightGradient, dx);
    if (precision != null) {
      weightQuantizer.backward(folded, weightScales.value(), weightGradient,
          weightQuantizer.gradientScale(shape.weights() / weightQuantizer.channels()), weightGradient,
          weightScales.gradient());
    }
    if (norm != null) {
      norm.foldWeightsBackward(weights.value(), gamma.value(), weightGradient, weightGradient,
          gamma.gradient());
    }
    Rows.add(weights.gradient(), weightGradient);
  }

  private void biasBackward() {
    int each = sumGradient.length / bias.length;
    float[] gradient = new float[bias.length];
    for (int c = 0; c < bias.length; c++) {
      gradient[c] = Rows.sum(Arrays.copyOfRange(sumGradient, c * each, (c + 1) * each));
    }
    if (norm == null) {
      Rows.add(shift.gradient(), gradient);
    } else {
      norm.foldBiasBackward(gradient, gamma.gradient(), shift.gradient());
    }
  }
}

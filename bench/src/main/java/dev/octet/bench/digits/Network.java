package dev.octet.bench.digits;

import dev.octet.DataType;
import dev.octet.engine.Numbers;
import dev.octet.quantize.train.FakeQuantizer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/** Layers one after the other, for batches of {@link #BATCH} images. Not safe for use by several threads. */
final class Network {
  static final int BATCH = 64;

  private final List<LayerShape> shapes;
  private final List<Layer> layers = new ArrayList<>();
  private final float[][] gradients;
  private final float[] input = new float[DigitImages.PIXELS * BATCH];
  private Precision precision;

  private Network(List<LayerShape> shapes, long seed) {
    this.shapes = shapes;
    SplittableRandom random = new SplittableRandom(seed);
    shapes.forEach(shape -> layers.add(new Layer(shape, BATCH, random)));
    this.gradients = shapes.stream().map(shape -> new float[shape.outputs() * BATCH]).toArray(float[][]::new);
  }

  /** Four dense layers, 8,500 weights, no normalization. */
  static Network perceptron(long seed) {
    return new Network(List.of(LayerShape.dense(1, DigitImages.SIDE, 28, false), LayerShape.dense(28, 1, 24,
        false), LayerShape.dense(24, 1, 24, false), LayerShape.dense(24, 1, DigitImages.DIGITS, true)), seed);
  }

  /** Three convolutions with batch normalization and pooling, one dense layer; 3,100 weights. */
  static Network convolutional(long seed) {
    int side = DigitImages.SIDE;
    return new Network(List.of(new LayerShape(1, side, side, 6, 3, 1, true, 2, false),
        new LayerShape(6, side / 2, side / 2, 12, 3, 1, true, 2, false),
        new LayerShape(12, side / 4, side / 4, 16, 3, 1, true, 2, false),
        LayerShape.dense(16, side / 8, DigitImages.DIGITS, true)), seed);
  }

  /** A network with the same weights, in float. */
  Network copy() {
    Network copy = new Network(shapes, 0);
    for (int i = 0; i < layers.size(); i++) {
      copy.layers.get(i).copyFrom(layers.get(i));
    }
    return copy;
  }

  List<Layer> layers() {
    return layers;
  }

  /** Null in float. */
  Precision precision() {
    return precision;
  }

  List<Parameter> parameters() {
    return layers.stream().flatMap(layer -> layer.parameters().stream()).toList();
  }

  void useStatisticsOfBatch(boolean use) {
    layers.forEach(layer -> layer.useStatisticsOfBatch(use));
  }

  /** Quantizes from now on, with the scales that somebody chose. */
  void quantize(Precision to, List<float[]> weightScales, float[] outputScales) {
    precision = to;
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).quantize(to, weightScales.get(i), outputScales[i]);
    }
  }

  /** Images hold -1 to 1, so their scale is known. */
  static float inputScale(DataType type) {
    return Numbers.rangeScale(-1, 1, type);
  }

  static int inputZeroPoint(DataType type) {
    return Numbers.rangeZeroPoint(-1, inputScale(type), type);
  }

  /**
   * Computes the logits of images.
   *
   * @param images where from
   * @param index which image is in each place of the batch
   * @return {@code [DIGITS][BATCH]}, valid until the next call
   */
  float[] forward(DigitImages images, int[] index) {
    for (int p = 0; p < DigitImages.PIXELS; p++) {
      for (int b = 0; b < BATCH; b++) {
        input[p * BATCH + b] = images.pixels()[index[b] * DigitImages.PIXELS + p];
      }
    }
    float scale = 1;
    if (precision != null) {
      DataType type = precision.activations();
      scale = inputScale(type);
      FakeQuantizer.asymmetric(type).forward(input, new float[]{scale}, new int[]{inputZeroPoint(type)},
          input);
    }
    float[] x = input;
    for (Layer layer : layers) {
      layer.forward(x, scale);
      x = layer.output();
      if (precision != null) {
        scale = layer.outputScale();
      }
    }
    return x;
  }

  /**
   * Adds the gradients of the mean cross entropy to the parameters, after forward.
   *
   * @param label the digit in each place of the batch
   * @return the mean cross entropy
   */
  double backward(byte[] label) {
    int last = layers.size() - 1;
    double loss = crossEntropy(layers.get(last).output(), label, gradients[last]);
    for (int i = last; i >= 0; i--) {
      layers.get(i).backward(gradients[i], i == 0 ? null : gradients[i - 1]);
    }
    return loss;
  }

  private static double crossEntropy(float[] logits, byte[] label, float[] gradient) {
    double loss = 0;
    double[] p = new double[DigitImages.DIGITS];
    for (int b = 0; b < BATCH; b++) {
      double sum = 0;
      float most = logits[argmax(logits, b) * BATCH + b];
      for (int d = 0; d < p.length; d++) {
        p[d] = StrictMath.exp(logits[d * BATCH + b] - most);
        sum += p[d];
      }
      loss -= StrictMath.log(p[label[b]] / sum) / BATCH;
      for (int d = 0; d < p.length; d++) {
        gradient[d * BATCH + b] = (float) ((p[d] / sum - (d == label[b] ? 1 : 0)) / BATCH);
      }
    }
    return loss;
  }

  private static int argmax(float[] logits, int b) {
    int best = 0;
    for (int d = 1; d < DigitImages.DIGITS; d++) {
      if (logits[d * BATCH + b] > logits[best * BATCH + b]) {
        best = d;
      }
    }
    return best;
  }

  /**
   * What the network takes images for, in the inference form.
   *
   * @param images any number
   * @return a digit for each
   */
  byte[] classify(DigitImages images) {
    useStatisticsOfBatch(false);
    byte[] digits = new byte[images.count()];
    inBatches(images, images.count(), first -> {
      float[] logits = layers.getLast().output();
      for (int b = 0; b < BATCH && first + b < digits.length; b++) {
        digits[first + b] = (byte) argmax(logits, b);
      }
    });
    return digits;
  }

  /** Runs the first images batch by batch, the last one filled up with the last image. */
  void inBatches(DigitImages images, int count, IntConsumer afterBatchFrom) {
    int[] index = new int[BATCH];
    for (int first = 0; first < count; first += BATCH) {
      for (int b = 0; b < BATCH; b++) {
        index[b] = Math.min(first + b, count - 1);
      }
      forward(images, index);
      afterBatchFrom.accept(first);
    }
  }
}

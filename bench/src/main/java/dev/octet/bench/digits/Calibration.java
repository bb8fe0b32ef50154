package dev.octet.bench.digits;

import dev.octet.DataType;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.engine.Numbers;
import dev.octet.quantize.train.FakeQuantizer;
import java.util.ArrayList;
import java.util.List;

/** Chooses the scales of a network that was trained in float, from its weights and some images. */
final class Calibration {
  private static final int IMAGES = 512;

  private Calibration() {}

  /**
   * Post-training quantization as everybody begins: weights by their greatest magnitude, activations by the
   * greatest that was seen.
   *
   * @return a quantized copy
   */
  static Network byRange(Network network, Precision precision, DigitImages images) {
    Network copy = network.copy();
    List<float[]> weightScales = new ArrayList<>();
    for (Layer layer : copy.layers()) {
      LayerShape shape = layer.shape();
      Quantizer quantizer = Quantizer.symmetric(precision.weights());
      weightScales.add((precision.perChannel() ? quantizer.perChannel(0) : quantizer)
          .quantize(layer.foldedWeights(), Shape.of(shape.outChannels(), shape.weightsPerChannel()))
          .quantization().scales());
    }
    float[] most = new float[copy.layers().size()];
    copy.inBatches(images, Math.min(IMAGES, images.count()), first -> {
      for (int i = 0; i < most.length; i++) {
        for (float x : copy.layers().get(i).unquantized()) {
          most[i] = Math.max(most[i], x);
        }
      }
    });
    float[] outputScales = new float[most.length];
    for (int i = 0; i < most.length; i++) {
      outputScales[i] = Numbers.rangeScale(0, most[i], precision.activations());
    }
    copy.quantize(precision, weightScales, outputScales);
    return copy;
  }

  /**
   * Where LSQ begins: steps from mean magnitudes, those of activations from one batch.
   *
   * @return a quantized copy, to be trained
   */
  static Network byLsq(Network network, Precision precision, DigitImages images) {
    Network copy = network.copy();
    copy.inBatches(images, Network.BATCH, first -> {
    });
    DataType type = precision.activations();
    List<float[]> weightScales = new ArrayList<>();
    float[] outputScales = new float[copy.layers().size()];
    for (int i = 0; i < outputScales.length; i++) {
      Layer layer = copy.layers().get(i);
      weightScales.add(layer.weightQuantizer(precision).initialScales(layer.foldedWeights()));
      outputScales[i] = FakeQuantizer.nonNegative(type)
          .initialScales(layer.unquantized())[0];
    }
    copy.quantize(precision, weightScales, outputScales);
    return copy;
  }
}

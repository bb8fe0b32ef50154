package dev.octet.bench.networks;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.bench.networks.Architecture.Image;
import dev.octet.engine.Numbers;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Observer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of integers: weights S8 per output channel without zero points, activations U8 or S8 per tensor
 * with the scales and zero points that calibration gave, from the image to the logits.
 */
final class QuantizedNetwork {
  /**
   * Weights of a convolution or product.
   *
   * @param weights {@code [outChannels][kernel][kernel][channels of a group]}
   * @param bias one for each output channel, of scale input scale * weight scale
   */
  record Product(QTensor weights, int[] bias) {
    /** The weights of a window of one pixel as {@code [outputs][inputs]}. */
    QTensor matrix() {
      Shape shape = weights.shape();
      return QTensor.of(weights.type(), Shape.of(shape.dim(0), shape.dim(3)), weights.quantization(),
          weights.data());
    }
  }

  /** What calibration looks at; the range of an activation hardly grows with more. */
  private static final int CALIBRATION_IMAGES = 4;

  private final Architecture architecture;
  private final DataType type;
  private final List<Quantization> activations = new ArrayList<>();
  private final List<Product> products = new ArrayList<>();

  /**
   * Quantizes a network.
   *
   * @param network the floats
   * @param observers what {@link #observe} saw of each tensor
   * @param type U8 or S8, of all activations
   */
  QuantizedNetwork(FloatNetwork network, List<Observer> observers, DataType type) {
    this.architecture = network.architecture();
    this.type = type;
    activations.add(observers.getFirst().quantization(type, false));
    List<Layer> layers = architecture.layers();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Quantization input = activations.get(layer.input());
      activations.add(layer.kind() == Layer.Kind.MAX_POOL
          ? input
          : observers.get(i + 1).quantization(type, false));
      products.add(layer.kind().isProduct() ? product(layer, network.product(i), input) : null);
    }
  }

  private Product product(Layer layer, FloatNetwork.Product floats, Quantization input) {
    Image in = architecture.tensor(layer.input());
    QTensor weights = Quantizer.symmetric(DataType.S8).perChannel(0).quantize(floats.weights(),
        Shape.of(layer.outChannels(), layer.kernel(), layer.kernel(), in.channels() / layer.groups()));
    int[] bias = new int[layer.outChannels()];
    for (int channel = 0; channel < bias.length; channel++) {
      bias[channel] = Numbers.bias(floats.bias()[channel], input.scale(0),
          weights.quantization().scale(channel));
    }
    return new Product(weights, bias);
  }

  /**
   * Runs a network on some images of its own and records the range of every tensor.
   *
   * @param network the floats
   * @return an observer for each tensor
   */
  static List<Observer> observe(FloatNetwork network) {
    Architecture architecture = network.architecture();
    List<Observer> observers = new ArrayList<>();
    OnnxModel model = OnnxModel.floats(network, CALIBRATION_IMAGES, OnnxModel.Outputs.ALL);
    try (OrtNetwork ort = new OrtNetwork(model, Runtime.getRuntime().availableProcessors())) {
      float[] images = network.images(CALIBRATION_IMAGES, 1);
      ort.setImages(MemorySegment.ofArray(images));
      ort.run();
      for (int tensor = 0; tensor < architecture.tensors(); tensor++) {
        Observer observer = Observer.perTensor(OnnxModel.name(tensor), CalibrationMethod.minMax());
        float[] values = tensor == 0 ? images : ort.output(tensor).toArray(ValueLayout.JAVA_FLOAT);
        observer.observe(values, Shape.of(values.length));
        observers.add(observer);
      }
    }
    return observers;
  }

  Architecture architecture() {
    return architecture;
  }

  DataType type() {
    return type;
  }

  /** Scale and zero point of a tensor. */
  Quantization activation(int tensor) {
    return activations.get(tensor);
  }

  /** Weights of a layer; null for one without. */
  Product product(int layer) {
    return products.get(layer);
  }

  /** Bytes of all weights. */
  long weightBytes() {
    return products.stream().filter(product -> product != null)
        .mapToLong(product -> product.weights().shape().elements()).sum();
  }

  /**
   * Quantizes images.
   *
   * @param floats NHWC
   * @return NHWC
   */
  MemorySegment quantize(float[] floats) {
    return Quantizer.asymmetric(type).with(activations.getFirst()).quantize(floats, Shape.of(floats.length))
        .data();
  }
}

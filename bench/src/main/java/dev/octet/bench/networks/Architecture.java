package dev.octet.bench.networks;

import dev.octet.bench.networks.Layer.Activation;
import dev.octet.bench.networks.Layer.Kind;
import java.util.ArrayList;
import java.util.List;

/** The layers of a network and the shapes of its tensors. */
final class Architecture {
  /**
   * An image of channels.
   *
   * @param height rows
   * @param width columns
   * @param channels channels
   */
  record Image(int height, int width, int channels) {
    int elements() {
      return Math.multiplyExact(Math.multiplyExact(height, width), channels);
    }

    @Override
    public String toString() {
      return height + "x" + width + "x" + channels;
    }
  }

  private final String name;
  private final List<Layer> layers = new ArrayList<>();
  private final List<Image> tensors = new ArrayList<>();

  /**
   * Begins a network; the layers are added one after the other.
   *
   * @param name the name of the model
   * @param size rows and columns of the image, which has three channels
   */
  Architecture(String name, int size) {
    this.name = name;
    tensors.add(new Image(size, size, 3));
  }

  String name() {
    return name;
  }

  List<Layer> layers() {
    return List.copyOf(layers);
  }

  /** The image or, for i + 1, the output of layer i. */
  Image tensor(int index) {
    return tensors.get(index);
  }

  int tensors() {
    return tensors.size();
  }

  /** The tensor that was made last. */
  int last() {
    return tensors.size() - 1;
  }

  /** Multiplications of all layers for one image. */
  long products() {
    long sum = 0;
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i).kind().isProduct()) {
        sum += (long) tensors.get(i + 1).elements() * weightsPerChannel(layers.get(i));
      }
    }
    return sum;
  }

  /** Weights of an output channel of a convolution or product. */
  int weightsPerChannel(Layer layer) {
    return layer.kernel() * layer.kernel() * tensors.get(layer.input()).channels() / layer.groups();
  }

  /** Adds a convolution padded so that stride 1 keeps the size of the image. */
  int convolution(String name, int input, int outChannels, int kernel, int stride, Activation activation) {
    return add(new Layer(name, Kind.CONVOLUTION, List.of(input), outChannels, kernel, stride, kernel / 2, 1,
        activation));
  }

  /** Adds a convolution of 3x3 of each channel for itself. */
  int depthwise(String name, int input, int stride, Activation activation) {
    int channels = tensors.get(input).channels();
    return add(
        new Layer(name, Kind.CONVOLUTION, List.of(input), channels, 3, stride, 1, channels, activation));
  }

  int sum(String name, int left, int right, Activation activation) {
    return add(
        new Layer(name, Kind.ADD, List.of(left, right), tensors.get(left).channels(), 1, 1, 0, 1,
            activation));
  }

  int maxPool(String name, int input, int kernel, int stride, int padding) {
    return add(new Layer(name, Kind.MAX_POOL, List.of(input), tensors.get(input).channels(), kernel, stride,
        padding, 1, Activation.NONE));
  }

  int globalAveragePool(String name, int input) {
    return add(new Layer(name, Kind.GLOBAL_AVERAGE_POOL, List.of(input), tensors.get(input).channels(), 1, 1,
        0, 1, Activation.NONE));
  }

  int dense(String name, int input, int outputs) {
    return add(new Layer(name, Kind.DENSE, List.of(input), outputs, 1, 1, 0, 1, Activation.NONE));
  }

  private int add(Layer layer) {
    Image in = tensors.get(layer.input());
    layers.add(layer);
    tensors.add(layer.kind() == Kind.GLOBAL_AVERAGE_POOL
        ? new Image(1, 1, layer.outChannels())
        : new Image(windows(in.height(), layer), windows(in.width(), layer), layer.outChannels()));
    return last();
  }

  private static int windows(int pixels, Layer layer) {
    return (pixels + 2 * layer.padding() - layer.kernel()) / layer.stride() + 1;
  }

  @Override
  public String toString() {
    return name + ", " + tensors.getFirst();
  }
}

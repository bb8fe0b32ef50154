package dev.octet.bench.networks;

import dev.octet.bench.networks.Architecture.Image;
import dev.octet.bench.networks.Layer.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A network with weights that are drawn from a seed: He-normal, followed by batch normalization with
 * parameters near those of trained networks, which is folded into weights and bias.
 */
final class FloatNetwork {
  /**
   * Weights of a convolution or product.
   *
   * @param weights {@code [outChannels][kernel][kernel][channels of a group]}
   * @param bias one for each output channel
   */
  record Product(float[] weights, float[] bias) {}

  /** PyTorch's. */
  private static final double EPSILON = 1e-5;

  private final Architecture architecture;
  private final List<Product> products = new ArrayList<>();

  /**
   * Draws weights.
   *
   * @param architecture the layers
   * @param seed the same weights for the same seed
   */
  FloatNetwork(Architecture architecture, long seed) {
    this.architecture = architecture;
    Random random = new Random(seed);
    for (Layer layer : architecture.layers()) {
      products.add(layer.kind().isProduct() ? product(layer, random) : null);
    }
  }

  private Product product(Layer layer, Random random) {
    int perChannel = architecture.weightsPerChannel(layer);
    float[] weights = new float[layer.outChannels() * perChannel];
    float[] bias = new float[layer.outChannels()];
    // ReLU halves the power of what it lets through.
    double deviation = Math.sqrt((layer.activation() == Activation.NONE ? 1.0 : 2.0) / perChannel);
    for (int channel = 0; channel < bias.length; channel++) {
      double factor = 1;
      if (layer.kind() == Layer.Kind.CONVOLUTION) {
        double gamma = 0.8 + 0.4 * random.nextDouble();
        double beta = 0.2 * random.nextGaussian();
        double mean = 0.2 * random.nextGaussian();
        double variance = 0.7 + 0.6 * random.nextDouble();
        factor = gamma / Math.sqrt(variance + EPSILON);
        bias[channel] = (float) (beta - mean * factor);
      } else {
        bias[channel] = (float) (0.1 * random.nextGaussian());
      }
      for (int i = 0; i < perChannel; i++) {
        weights[channel * perChannel + i] = (float) (deviation * factor * random.nextGaussian());
      }
    }
    return new Product(weights, bias);
  }

  Architecture architecture() {
    return architecture;
  }

  /** Weights of a layer; null for one without. */
  Product product(int layer) {
    return products.get(layer);
  }

  /**
   * Draws images: waves of different lengths in each channel and some noise, of mean 0 and deviation about 1
   * as after the usual normalization.
   *
   * @param count how many
   * @param seed the same images for the same seed
   * @return NHWC
   */
  float[] images(int count, long seed) {
    Random random = new Random(seed);
    Image image = architecture.tensor(0);
    float[] pixels = new float[Math.multiplyExact(count, image.elements())];
    int at = 0;
    for (int i = 0; i < count; i++) {
      double[][] waves = new double[image.channels()][];
      for (int channel = 0; channel < waves.length; channel++) {
        waves[channel] = random.doubles(3, -10 * Math.PI, 10 * Math.PI).toArray();
      }
      for (int row = 0; row < image.height(); row++) {
        for (int column = 0; column < image.width(); column++) {
          for (double[] wave : waves) {
            double phase = wave[0] * row / image.height() + wave[1] * column / image.width() + wave[2];
            pixels[at++] = (float) (1.2 * Math.sin(phase) + 0.4 * random.nextGaussian());
          }
        }
      }
    }
    return pixels;
  }
}

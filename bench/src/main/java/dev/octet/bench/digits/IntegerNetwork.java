package dev.octet.bench.digits;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perTensor;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import dev.octet.op.MatMul;
import dev.octet.op.MaxPool;
import dev.octet.op.Op;
import dev.octet.op.Quantize;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A fake-quantized network on Octet's integers: quantize, convolutions, pooling, products. No op takes 4-bit
 * activations, and those with fixed scales take no 4-bit weights; integers of 4 bits travel in bytes, and the
 * clamp of an op keeps its output within 0 to 15.
 */
final class IntegerNetwork implements AutoCloseable {
  private final List<Layer> layers;
  private final DataType activations;
  private final Quantize quantize;
  /** Convolution or product of each layer. */
  private final List<Op> sums = new ArrayList<>();
  private final MaxPool pool;

  /**
   * Prepares the ops.
   *
   * @param octet whose engine must take every convolution and product, unless it chooses by itself
   * @param rest takes quantization and pooling where that engine has none
   * @param network quantized; not needed any more afterwards
   * @throws UnsupportedOperationException if an engine was forced and lacks a convolution or product
   */
  IntegerNetwork(Octet octet, Octet rest, Network network) {
    this.layers = network.layers();
    this.activations = network.precision().activations();
    Quantization input = perTensor(Network.inputScale(activations), Network.inputZeroPoint(activations));
    Quantization images = input;
    this.quantize = prepared(octet, rest, by -> by.quantize().output(activations, images).prepare());
    this.pool = prepared(octet, rest, by -> by.maxPool().input(U8).window(2).stride(2).prepare());
    for (Layer layer : layers) {
      sums.add(layer.shape().isDense()
          ? product(octet, network, layer, input)
          : convolution(octet, network, layer, input));
      input = perTensor(layer.outputScale());
    }
  }

  private static <T extends Op> T prepared(Octet octet, Octet rest, Function<Octet, T> prepare) {
    try {
      return prepare.apply(octet);
    } catch (UnsupportedOperationException lacking) {
      return prepare.apply(rest);
    }
  }

  private static Conv2d convolution(Octet octet, Network network, Layer layer, Quantization input) {
    LayerShape shape = layer.shape();
    float scale = layer.outputScale();
    return octet.conv2d().input(U8, input)
        .weights(weights(network, layer,
            Shape.of(shape.outChannels(), shape.window(), shape.window(), shape.inChannels())),
            WeightLayout.OHWI)
        .padding(shape.padding()).bias(layer.foldedBias().clone()).output(U8, perTensor(scale))
        .clamp(0, scale * network.precision().activations().max()).prepare();
  }

  private static MatMul product(Octet octet, Network network, Layer layer, Quantization input) {
    LayerShape shape = layer.shape();
    float scale = layer.outputScale();
    MatMul.Builder builder = octet.matMul().input(U8, input)
        .weights(weights(network, layer, Shape.of(shape.outChannels(), shape.weightsPerChannel())),
            WeightLayout.OUT_IN)
        .bias(layer.foldedBias().clone());
    return shape.last()
        ? builder.outputF32().prepare()
        : builder.output(U8, perTensor(scale))
            .clamp(0, scale * network.precision().activations().max()).prepare();
  }

  /** Bytes, in the whole range of S8 or from -7 to 7. */
  private static QTensor weights(Network network, Layer layer, Shape shape) {
    float[] folded = layer.foldedWeights();
    float[] scales = layer.weightScales();
    byte[] q = new byte[folded.length];
    layer.weightQuantizer(network.precision()).quantize(folded, scales, q);
    return QTensor.of(S8, shape, scales.length == 1 ? perTensor(scales[0]) : perChannel(0, scales), q);
  }

  /** The kernels that run. */
  String kernels() {
    return Stream.concat(Stream.of(quantize, pool), sums.stream()).map(Op::kernel).distinct()
        .collect(Collectors.joining(", "));
  }

  /**
   * What the network takes images for.
   *
   * @param images any number
   * @return a digit for each
   */
  byte[] classify(DigitImages images) {
    int count = images.count();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = input(arena, images);
      for (int i = 0; i < sums.size(); i++) {
        x = run(arena, layers.get(i).shape(), sums.get(i), x, count);
      }
      byte[] digits = new byte[count];
      for (int image = 0; image < count; image++) {
        float most = Float.NEGATIVE_INFINITY;
        for (int d = 0; d < DigitImages.DIGITS; d++) {
          float logit = x.getAtIndex(ValueLayout.JAVA_FLOAT, (long) image * DigitImages.DIGITS + d);
          if (logit > most) {
            most = logit;
            digits[image] = (byte) d;
          }
        }
      }
      return digits;
    }
  }

  /** One byte a pixel. */
  private MemorySegment input(Arena arena, DigitImages images) {
    long pixels = images.pixels().length;
    MemorySegment real = arena.allocateFrom(ValueLayout.JAVA_FLOAT, images.pixels());
    MemorySegment q = arena.allocate(activations.bytes(pixels));
    quantize.run(real, q, pixels);
    if (activations != U4) {
      return q;
    }
    MemorySegment bytes = arena.allocate(pixels);
    for (long i = 0; i < pixels; i++) {
      int pair = q.get(ValueLayout.JAVA_BYTE, i / 2);
      bytes.set(ValueLayout.JAVA_BYTE, i, (byte) ((pair >> (i % 2 * 4)) & 0xf));
    }
    return bytes;
  }

  private MemorySegment run(Arena arena, LayerShape shape, Op sum, MemorySegment x, int count) {
    int height = shape.convHeight();
    int width = shape.convWidth();
    long elements = (long) count * height * width * shape.outChannels();
    MemorySegment y = shape.last()
        ? arena.allocate(ValueLayout.JAVA_FLOAT, elements)
        : arena.allocate(elements);
    if (sum instanceof MatMul product) {
      product.run(x, y, count);
    } else {
      ((Conv2d) sum).run(x, y, count, shape.inHeight(), shape.inWidth());
    }
    if (shape.pool() == 1) {
      return y;
    }
    MemorySegment pooled = arena
        .allocate((long) count * shape.outHeight() * shape.outWidth() * shape.outChannels());
    pool.run(y, pooled, count, height, width, shape.outChannels());
    return pooled;
  }

  @Override
  public void close() {
    quantize.close();
    pool.close();
    sums.forEach(Op::close);
  }
}

package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Images keep their channels last between nodes of integers, and no integer changes. */
class ChannelsLastTest {
  private static final long SEED = 79;
  private static final int CHANNELS = 6;
  private static final float SCALE = 0.05f;
  private static final int ZERO = 117;

  /** A network of U8 images under way. */
  private static final class Network {
    private final QdqModel model;
    private int count;

    Network(long seed) {
      this.model = new QdqModel(13, seed);
    }

    String input() {
      return model.input("x", U8, SCALE, ZERO, model.data.bytes(U8, 2, CHANNELS, 9, 8));
    }

    /** Integers and floats again behind a node, as quantizers write them. */
    String quantized(String floats) {
      String integers = "i" + count++;
      model.quantized(floats, integers, U8, SCALE, ZERO);
      return model.dequantized(integers, U8, SCALE, ZERO);
    }

    String node(String op, String inputs) {
      String result = "n" + count++;
      model.model.node(op, inputs, result);
      return result;
    }

    String conv(String x, int channels) {
      String result = node("Conv",
          x + " " + model.weights(model.data.bytes(I8, CHANNELS, channels, 3, 3), 0, false));
      model.model.attribute("pads", 1L, 1L, 1L, 1L);
      return quantized(result);
    }

    String concat(String a, String b) {
      String all = node("Concat", a + " " + b);
      model.model.attribute("axis", 1);
      return quantized(all);
    }

    String pool(String op, String x) {
      String result = node(op, x);
      model.model.attribute("kernel_shape", 3L, 3L).attribute("pads", 1L, 1L, 1L, 1L);
      return quantized(result);
    }
  }

  private static Map<String, Integer> same(String what, QdqModel model) {
    OnnxOptions without = OnnxOptions.defaults().without(Rewrite.CHANNELS_LAST);
    TestData.assertSame(what, model.run(without), model.run(OnnxOptions.defaults()), 0);
    return model.operators(OnnxOptions.defaults());
  }

  @Test
  void aResidualBlockIsTransposedAtItsEdges() {
    Network network = new Network(SEED);
    String x = network.input();
    String a = network.conv(x, CHANNELS);
    String gate = network.quantized(network.node("GlobalAveragePool", a));
    String b = network
        .quantized(network.node("Mul", a + " " + network.quantized(network.node("Sigmoid", gate))));
    String c = network.quantized(network.node("Add", b + " " + x));
    String d = network.conv(network.concat(c, network.pool("MaxPool", a)), 2 * CHANNELS);
    network.model.output(d, U8, SCALE);
    Map<String, Integer> operators = same("block, seed " + SEED, network.model);
    assertEquals(1, operators.get("ChannelsLast"), operators.toString());
    assertEquals(1, operators.get("ChannelsFirst"), operators.toString());
    assertEquals(null, operators.get("QuantizeLinear"), operators.toString());
  }

  /** As ONNX Runtime's tools write a network in operators of integers. */
  @Test
  void operatorsOfIntegersKeepTheirChannelsLast() {
    QdqModel model = new QdqModel(13, SEED);
    model.input("x", U8, SCALE, ZERO, model.data.bytes(U8, 2, CHANNELS, 9, 8));
    String of = " " + model.constant(TestData.scalar(SCALE)) + " "
        + model.constant(QdqModel.scalar(U8, ZERO));
    String weights = " " + model.constant(model.data.bytes(I8, CHANNELS, CHANNELS, 3, 3)) + " "
        + model.constant(TestData.scalar(0.01f)) + " " + model.constant(QdqModel.scalar(I8, 0));
    TestModel nodes = model.model;
    nodes.node("QLinearConv", "x" + of + weights + of, "a").attribute("pads", 1L, 1L, 1L, 1L);
    nodes.node("com.microsoft:QLinearAdd", "a" + of + " x" + of + of, "b");
    nodes.node("com.microsoft:QLinearSigmoid", "b" + of + of, "c");
    nodes.node("MaxPool", "c", "d").attribute("kernel_shape", 2L, 2L);
    nodes.node("com.microsoft:QLinearConcat", of.strip() + " d" + of + " d" + of, "e").attribute("axis", 1L);
    nodes.node("com.microsoft:QLinearAveragePool", "e" + of + of, "y").attribute("kernel_shape", 2L, 3L)
        .output("y", U8);
    TestData.assertSame("without rewrites", model.run(OnnxOptions.defaults().withoutRewrites()),
        model.run(OnnxOptions.defaults()), 0);
    assertEquals(Map.of("ChannelsLast", 1, "QuantizedConv", 1, "QuantizedBinary", 1, "QuantizedFunction", 1,
        "ByteMaxPool", 1, "QuantizedConcat", 1, "QuantizedAveragePool", 1, "ChannelsFirst", 1),
        same("integers, seed " + SEED, model));
  }

  @Test
  void operandsThatAreNoImagesComeInTheirOrder() {
    Network network = new Network(SEED);
    String a = network.conv(network.input(), CHANNELS);
    String row = network.model.input("row", U8, SCALE, ZERO, network.model.data.bytes(U8, 8));
    String sum = network.quantized(network.node("Add", a + " " + row));
    String channels = network.model.input("other", U8, SCALE, ZERO,
        network.model.data.bytes(U8, 1, CHANNELS, 1, 1));
    network.model.output(network.node("Mul", network.conv(sum, CHANNELS) + " " + channels), U8, SCALE);
    same("operands, seed " + SEED, network.model);
  }

  @Test
  void randomNetworksHaveTheSameIntegers() {
    int nodes = 0;
    for (int i = 0; i < 40; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      Network network = new Network(seed);
      List<String> images = new ArrayList<>(List.of(network.input()));
      for (int step = 0; step < 8; step++) {
        String x = images.get(random.nextInt(images.size()));
        String other = images.get(random.nextInt(images.size()));
        images.add(switch (random.nextInt(8)) {
          case 0, 1 -> network.conv(x, CHANNELS);
          case 2 -> network.quantized(network.node("Add", x + " " + other));
          case 3 -> network.quantized(network.node("Sigmoid", x));
          case 4 -> network.pool("MaxPool", x);
          case 5 -> network.pool("AveragePool", x);
          case 6 -> network.conv(network.concat(x, other), 2 * CHANNELS);
          default -> network.quantized(network.node("Mul", x + " "
              + network.quantized(network.node("GlobalAveragePool", other))));
        });
        nodes++;
      }
      network.model.output(images.getLast(), "y", U8, SCALE, ZERO);
      network.model.output(images.get(4), "z", U8, SCALE, ZERO);
      same("seed " + seed, network.model);
    }
    System.out.println(nodes + " nodes of random networks, all equal");
  }
}

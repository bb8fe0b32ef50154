package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.F32;
import static dev.octet.onnx.value.ElementType.I32;
import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Convolutions between DequantizeLinear and QuantizeLinear become convolutions of integers, which move
 * results by at most 1; graphs that only look like them stay.
 */
class QuantizedConvolutionsTest {
  private static final long SEED = 61;
  private static final int CHANNELS = 6;
  private static final int OUTS = 8;

  private final QdqModel.Differences differences = new QdqModel.Differences();

  /** The kinds of bias. */
  private enum Bias {
    NONE, INTEGERS, OTHER_UNITS, FLOATS
  }

  private static void bias(QdqModel model, Bias bias, float input, float[] scales, StringBuilder inputs) {
    float[] units = new float[OUTS];
    for (int i = 0; i < OUTS; i++) {
      units[i] = bias == Bias.OTHER_UNITS ? 0.0011f : input * scales[i % scales.length];
    }
    switch (bias) {
      case NONE -> {
      }
      case FLOATS -> inputs.append(' ').append(model.constant(model.data.floats(1, OUTS)));
      default -> {
        String floats = "bias";
        model.model.node("DequantizeLinear",
            model.constant(model.data.integers(I32, -3000, 3000, OUTS)) + " "
                + model.constant(Tensor.floats(Shape.of(OUTS), units)),
            floats).attribute("axis", 0L);
        inputs.append(' ').append(floats);
      }
    }
  }

  /** A convolution, with Relu or Clip behind it or none of them: 0, 1, 2. */
  private static QdqModel model(long seed, ElementType type, ElementType weights, boolean perChannel,
      boolean zeroPoints, Bias bias, int bound, boolean floats) {
    QdqModel model = new QdqModel(13, seed);
    float scale = model.between(0.01, 0.05);
    float[] scales = new float[perChannel ? OUTS : 1];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = model.between(0.002, 0.02);
    }
    String x = model.input("x", type, scale, model.zeroPoint(type),
        model.data.bytes(type, 2, CHANNELS, 9, 11));
    StringBuilder inputs = new StringBuilder(x).append(' ').append(model.weights(
        model.data.bytes(weights, OUTS, CHANNELS / 2, 3, 3), perChannel ? 0 : -1, scales, zeroPoints));
    bias(model, bias, scale, scales, inputs);
    model.model.node("Conv", inputs.toString(), "c").attribute("group", 2L)
        .attribute("pads", 1L, 0L, 1L, 2L).attribute("strides", 2L, 1L);
    String result = "c";
    if (bound > 0) {
      result = "r";
      if (bound == 1) {
        model.model.node("Relu", "c", result);
      } else {
        model.model.node("Clip", "c " + model.constant(TestData.scalar(-1.5f)) + " "
            + model.constant(TestData.scalar(6)), result);
      }
    }
    if (floats) {
      model.model.output(result, F32);
    } else {
      model.output(result, type, 0.07f);
    }
    return model;
  }

  @Test
  void resultsMoveByAtMostOne() {
    int count = 0;
    for (ElementType type : List.of(U8, I8)) {
      for (ElementType weights : List.of(I8, U8)) {
        for (Bias bias : Bias.values()) {
          for (int bits = 0; bits < 12; bits++) {
            boolean perChannel = bits % 2 == 0;
            boolean zeroPoints = bits / 2 % 2 == 0;
            long seed = SEED + count++;
            QdqModel model = model(seed, type, weights, perChannel, zeroPoints, bias, bits / 4, false);
            assertEquals(Map.of("QuantizedConv", 1, "ChannelsLast", 1, "ChannelsFirst", 1),
                model.judged("seed " + seed, OnnxOptions.defaults(), 1, differences));
          }
        }
      }
    }
    System.out.println(count + " quantized convolutions: " + differences);
  }

  @Test
  void floatsStayFloats() {
    for (int i = 0; i < 12; i++) {
      Bias bias = Bias.values()[i % 4];
      QdqModel model = model(SEED + i, i % 2 == 0 ? U8 : I8, I8, i % 3 == 0, false, bias, 0, true);
      assertEquals(Map.of("QuantizedConv", 1, "ChannelsLast", 1, "ChannelsFirst", 1),
          model.judged("seed " + (SEED + i), OnnxOptions.defaults(), 1, differences));
    }
  }

  @Test
  void eachFormOfAWindow() {
    QdqModel flat = new QdqModel(13, SEED);
    flat.model.node("Conv", flat.input("x", U8, 2, CHANNELS, 30) + " "
        + flat.weights(flat.data.bytes(I8, OUTS, CHANNELS, 3), 0, false), "c")
        .attribute("dilations", new long[]{2});
    flat.output("c", U8, 0.1f);
    QdqModel same = new QdqModel(13, SEED);
    same.model.node("Conv", same.known("x", U8, 2, CHANNELS, 9, 10) + " "
        + same.weights(same.data.bytes(I8, OUTS, CHANNELS, 3, 3), 0, false), "c")
        .attribute("auto_pad", "SAME_UPPER").attribute("strides", 2L, 2L);
    same.output("c", U8, 0.1f);
    for (QdqModel model : List.of(flat, same)) {
      assertEquals(1, model.judged("window", OnnxOptions.defaults(), 1, differences).get("QuantizedConv"));
    }
  }

  @Test
  void reportNamesWhatIsFused() {
    QdqModel model = model(SEED, U8, I8, true, false, Bias.NONE, 1, false);
    try (Octet octet = Octet.builder().threads(1).open();
        PreparedOnnx prepared = model.model.open().prepare(octet)) {
      NodeReport node = prepared.nodes().stream().filter(one -> one.operator().equals("QuantizedConv"))
          .findFirst().orElseThrow();
      assertEquals(List.of("DequantizeLinear", "DequantizeLinear", "Conv", "Relu", "QuantizeLinear"),
          node.origins().stream().map(origin -> origin.replaceAll(".*\\((.*)\\)", "$1")).toList());
    }
  }

  /** A model whose convolution of floats stays. */
  private void stays(String what, QdqModel model) {
    assertEquals(1, model.judged(what, OnnxOptions.defaults(), 0, differences).get("Conv"), what);
  }

  @Test
  void whatOnlyLooksLikeAConvolutionOfIntegersStays() {
    QdqModel floats = new QdqModel(13, SEED);
    floats.model.node("Conv", floats.input("x", U8, 1, CHANNELS, 5, 5) + " "
        + floats.constant(floats.data.floats(1, OUTS, CHANNELS, 3, 3)), "c");
    stays("weights of floats", floats.output("c", U8, 0.1f));
    QdqModel axis = new QdqModel(13, SEED);
    axis.model.node("Conv", axis.input("x", U8, 1, CHANNELS, 5, 5) + " "
        + axis.weights(axis.data.bytes(I8, OUTS, CHANNELS, 3, 3), 1, false), "c");
    stays("scales of another axis", axis.output("c", U8, 0.1f));
    QdqModel pads = new QdqModel(13, SEED);
    pads.model.node("Conv", pads.input("x", U8, 1, CHANNELS, 5, 5) + " "
        + pads.weights(pads.data.bytes(I8, OUTS, CHANNELS, 3, 3), 0, false), "c")
        .attribute("auto_pad", "SAME_LOWER");
    stays("pads that depend on the image", pads.output("c", U8, 0.1f));
    stays("no rewrite", model(SEED, U8, I8, true, true, Bias.FLOATS, 1, false),
        OnnxOptions.defaults().without(Rewrite.QUANTIZED_CONVOLUTIONS));
  }

  private void stays(String what, QdqModel model, OnnxOptions options) {
    assertEquals(1, model.judged(what, options, 0, differences).get("Conv"), what);
  }

  @Test
  void floatsThatOthersReadStay() {
    QdqModel model = model(SEED, U8, I8, true, false, Bias.FLOATS, 0, false);
    model.model.output("c", F32);
    Map<String, Integer> operators = model.judged("also floats", OnnxOptions.defaults(), 1, differences);
    assertEquals(1, operators.get("QuantizedConv"));
    assertEquals(1, operators.get("QuantizeLinear"));
  }

  /** A bias beyond the sums of 32 bits, and scales that leave no number of normal size. */
  @Test
  void sumsThatDoNotFitAreNotQuantized() {
    for (float scale : new float[]{1e-6f, 1e-20f}) {
      QdqModel model = new QdqModel(13, SEED);
      String x = model.input("x", U8, scale, 3, model.data.bytes(U8, 1, CHANNELS, 5, 5));
      float[] scales = {1e-6f};
      model.model.node("Conv",
          x + " " + model.weights(model.data.bytes(I8, OUTS, CHANNELS, 3, 3), -1, scales, false) + " "
              + model.constant(model.data.floats(1, OUTS)),
          "c");
      model.output("c", U8, 0.1f);
      Map<String, Integer> operators = model.judged("scale " + scale, OnnxOptions.defaults(), 0, differences);
      assertEquals(1, operators.get("QuantizeLinear"), operators.toString());
    }
  }
}

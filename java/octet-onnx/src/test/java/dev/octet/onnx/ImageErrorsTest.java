package dev.octet.onnx;

import static dev.octet.onnx.TestModel.vector;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Operators on images whose inputs or attributes do not fit, or are not offered: named, with the node. */
class ImageErrorsTest {
  private static Octet octet;

  private final TestData data = new TestData(53);

  @BeforeAll
  static void open() {
    octet = Octet.builder().threads(1).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private TestModel model(int opset) {
    return new TestModel(opset).input("x", ElementType.F32, "n", 6, null, null).output("y", ElementType.F32)
        .initializer("w", data.floats(1, 4, 3, 3, 3)).initializer("half", Tensor.floats(Shape.of(1), 0.5f));
  }

  private TestModel model() {
    return model(13);
  }

  /** Refused when prepared, or with images of 5 rows and 7 columns. */
  private static void refused(TestModel model, String... parts) {
    Map<String, Tensor> inputs = Map.of("x", Tensor.floats(Shape.of(2, 6, 5, 7), new float[420]));
    RuntimeException e = assertThrows(RuntimeException.class, () -> {
      try (PreparedOnnx prepared = model.open().prepare(octet)) {
        prepared.run(inputs);
      }
    });
    assertTrue(e instanceof IllegalArgumentException || e instanceof UnsupportedOperationException,
        e.toString());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage() + " does not say: " + part);
    }
  }

  @Test
  void convolutionsThatDoNotFit() {
    refused(model().node("Conv", "x w", "y"), "node theConv0 (Conv)", "channels", "1 groups");
    refused(model().node("Conv", "x w", "y").attribute("group", 3L), "node theConv0 (Conv)", "3 groups");
    refused(model().node("Conv", "x w", "y").attribute("group", 0L), "attribute group", "got 0");
    refused(model().node("Conv", "x w half", "y").attribute("group", 2L), "bias", "4 channels", "F32 [1]");
    refused(model().node("Conv", "x w", "y").attribute("group", 2L).attribute("kernel_shape", 3L, 2L),
        "kernel_shape", "[3, 3]", "[3, 2]");
    refused(model().node("Conv", "x w", "y").attribute("group", 2L).attribute("strides", 0L, 1L), "strides",
        "2 integers from 1");
    refused(model().node("Conv", "x w", "y").attribute("group", 2L).attribute("pads", 1L, 1L), "pads",
        "4 integers from 0");
    refused(model().node("Conv", "x w", "y").attribute("group", 2L).attribute("dilations", 3L, 1L),
        "a window of 7 does not fit axis 2 of 5");
    refused(model().node("Conv", "x w", "y").attribute("group", 2L).attribute("auto_pad", "SAME"),
        "auto_pad", "SAME is not offered");
    refused(model().node("Conv", "x w", "y").attribute("group", 2L).attribute("auto_pad", "SAME_UPPER")
        .attribute("dilations", 2L, 2L), "SAME_UPPER with dilations is not offered");
    refused(model().node("Conv", "x w", "y").attribute("group", 2L).attribute("strides", 90000L, 90000L)
        .attribute("pads", 90000L, 90000L, 90000L, 90000L), "a padded image of more than 2^31 - 9 elements");
    refused(model().node("Conv", "x v", "y").initializer("v", data.floats(1, 4, 6, 3)), "as many axes",
        "F32 [4, 6, 3]");
    refused(model().node("Unsqueeze", "x five", "z").initializer("five", vector(4)).node("Conv", "z v", "y")
        .initializer("v", data.floats(1, 4, 6, 1, 1, 1)), "over 3 dimensions are not offered");
    refused(model().node("ConvTranspose", "x w", "y"), "node theConvTranspose0 (ConvTranspose)", "channels");
    refused(model().node("ConvTranspose", "x v", "y").initializer("v", data.floats(1, 6, 2, 1, 1))
        .attribute("pads", 3L, 3L, 3L, 3L), "pads of axis 2 are longer than the result");
  }

  @Test
  void padsThatNeedTooMuchMemoryAreRefusedBeforeTheyTakeIt() {
    TestModel model = model().node("Conv", "x w", "y").attribute("group", 2L)
        .attribute("strides", 900L, 900L)
        .attribute("pads", 900L, 900L, 900L, 900L);
    Map<String, Tensor> inputs = Map.of("x", Tensor.floats(Shape.of(1, 6, 5, 7), new float[210]));
    try (PreparedOnnx prepared = model.open().prepare(octet, OnnxOptions.defaults().memoryLimit(1 << 20))) {
      String message = assertThrows(IllegalArgumentException.class, () -> prepared.run(inputs)).getMessage();
      assertTrue(message.contains("node theConv0 (Conv)") && message.contains("memory"), message);
    }
  }

  @Test
  void poolsAndNormalizationsThatDoNotFit() {
    refused(model().node("MaxPool", "x", "y"), "node theMaxPool0 (MaxPool)", "kernel_shape", "missing");
    refused(model().node("AveragePool", "x", "y").attribute("kernel_shape", 6L, 2L),
        "a window of 6 does not fit axis 2 of 5");
    refused(model().node("MaxPool", "x", "y z").attribute("kernel_shape", 2L, 2L), "at most 1 outputs");
    refused(
        model().node("AveragePool", "x", "y").attribute("kernel_shape", 2L, 2L).attribute("dilations", 2L,
            2L),
        "attribute dilations is not offered");
    refused(model().node("BatchNormalization", "x half half half half", "y"), "input 1", "each channel");
    refused(model(15).node("BatchNormalization", "x half half half half", "y").attribute("training_mode", 1L),
        "training is not offered");
  }

  @Test
  void sizesThatDoNotFit() {
    refused(model().node("Resize", "x", "y"), "node theResize0 (Resize)", "scales or sizes");
    refused(model().node("Resize", "x - half", "y"), "each of 4 axes", "F32 [1]");
    refused(model().node("Resize", "x - s", "y").initializer("s", Tensor.floats(Shape.of(4), 1, 1, -1, 1)),
        "above 0");
    refused(model().node("Resize", "x - s", "y").initializer("s", Tensor.floats(Shape.of(4), 1, 2, 2, 2))
        .attribute("mode", "linear"), "along axis 1");
    refused(model().node("Resize", "x - half", "y").attribute("mode", "cubic"), "attribute mode",
        "cubic is not offered");
    refused(model().node("Resize", "x - half", "y").attribute("coordinate_transformation_mode",
        "tf_crop_and_resize"), "tf_crop_and_resize is not offered");
    refused(model().node("Pad", "x p", "y").initializer("p", vector(0, 0, 5, 0, 0, 0, 0, 0))
        .attribute("mode", "reflect"), "node thePad0 (Pad)", "pads 5 and 0 do not fit axis 2 of 5");
    refused(model().node("Pad", "x p", "y").initializer("p", vector(0, 0, -3, 0, 0, 0, -3, 0)),
        "pads -3 and -3 do not fit axis 2 of 5");
    refused(model().node("Pad", "x p", "y").initializer("p", vector(1, 2)), "two for each of 4 axes");
    refused(model().node("Pad", "x p", "y").initializer("p", vector(0)).attribute("mode", "wrap"),
        "wrap is not offered");
    refused(model().node("Split", "x", "y z").attribute("axis", 2L), "5 elements cannot be cut into 2 parts");
    refused(model().node("Split", "x p", "y z").initializer("p", vector(2, 2)).attribute("axis", 1L),
        "lengths of 2 parts of axis 1", "[2, 2]");
    refused(model().node("Flatten", "x", "y").attribute("axis", 5L), "axis", "got 5");
  }

  @Test
  void productsAndBoundsThatDoNotFit() {
    refused(model().node("Gemm", "x x", "y"), "node theGemm0 (Gemm)", "expected matrices");
    TestModel matrices = new TestModel(13).input("x", ElementType.F32, null, 6, 5, 7)
        .output("y", ElementType.F32)
        .node("Flatten", "x", "a").initializer("w", data.floats(1, 210, 3))
        .initializer("c", data.floats(1, 4));
    refused(matrices.node("Gemm", "a w c", "y"), "shapes [4] and [?, 3] do not fit");
    refused(model().node("Clip", "x w", "y"), "input 1", "one element");
    refused(model().node("Max", "x p", "y").initializer("p", vector(1)), "one element type");
    refused(model().node("QuantizeLinear", "x s", "q").node("DequantizeLinear", "q s", "y")
        .initializer("s", data.floats(1, 5)), "one for each index of axis 1");
    refused(model().node("DynamicQuantizeLinear", "x", "q s z").node("ConvInteger", "q w8 z", "i")
        .node("Cast", "i", "y").attribute("to", 1).initializer("w8", data.bytes(ElementType.I8, 4, 3, 3, 3)),
        "node theConvInteger1 (ConvInteger)", "1 groups");
    refused(model().node("QuantizeLinear", "x half", "q").node("QLinearConv", "q s zq w8 half z half zq", "i")
        .node("DequantizeLinear", "i half", "y").node("Identity", "t", "s").node("ReduceMax", "x", "t")
        .attribute("keepdims", 0L).initializer("w8", data.bytes(ElementType.I8, 4, 6, 3, 3))
        .initializer("z", Tensor.allocate(ElementType.I8, Shape.of()))
        .initializer("zq", Tensor.allocate(ElementType.U8, Shape.of())),
        "node theQLinearConv1 (QLinearConv)", "input 1 that is no constant is not offered");
  }
}

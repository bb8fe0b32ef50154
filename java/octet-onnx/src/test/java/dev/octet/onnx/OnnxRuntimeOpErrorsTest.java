package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.F32;
import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import org.junit.jupiter.api.Test;

/** ONNX Runtime's own operators with inputs or attributes that do not fit, or are not offered: named. */
class OnnxRuntimeOpErrorsTest {
  private final TestData data = new TestData(83);

  private TestModel model() {
    return new TestModel(13).input("x", U8, 2, 6, 5, 7).input("f", F32, 3, 64).input("run", F32)
        .output("y", F32).initializer("s", TestData.scalar(0.1f)).initializer("z", QdqModel.scalar(U8, 3))
        .initializer("signed", QdqModel.scalar(I8, 3)).initializer("w", data.bytes(I8, 64, 8))
        .initializer("row", data.floats(1, 8));
  }

  private static void refused(TestModel model, String... parts) {
    try (Octet octet = Octet.builder().threads(1).open(); OnnxModel opened = model.open()) {
      RuntimeException e = assertThrows(RuntimeException.class, () -> opened.prepare(octet).close());
      assertTrue(e instanceof IllegalArgumentException || e instanceof UnsupportedOperationException,
          e.toString());
      for (String part : parts) {
        assertTrue(e.getMessage().contains(part), e.getMessage() + " does not say: " + part);
      }
    }
  }

  @Test
  void operatorsOfIntegers() {
    String domain = "com.microsoft:";
    refused(model().node(domain + "QLinearAdd", "x s z x s z run z", "y"), "node theQLinearAdd0 (QLinearAdd)",
        "inputs 6 and 7", "no constants");
    refused(model().node(domain + "QLinearAdd", "x s signed x s z s z", "y"), "input 2", "U8", "got I8");
    refused(model().node(domain + "QLinearMul", "x s z x s z", "y"), "expected 7 to 8 inputs, got 6");
    refused(model().node(domain + "QLinearSigmoid", "x s z", "y"), "expected 4 to 5 inputs, got 3");
    refused(model().node(domain + "QLinearConcat", "s z x s", "y").attribute("axis", 1L), "inputs");
    refused(model().node(domain + "QLinearConcat", "s z x s z x", "y").attribute("axis", 1L),
        "three inputs for each tensor, got 6");
    refused(model().node(domain + "QLinearSoftmax", "x s z s z", "y").attribute("axis", 1L), "last axis");
    refused(model().node(domain + "QLinearAveragePool", "x s z s z", "y"), "kernel_shape");
    refused(model().node(domain + "QGemm", "x s z w s signed", "y"), "matrices");
    refused(model().node(domain + "QGemm", "x s z w s signed", "y").attribute("transC", 1L), "transC");
  }

  @Test
  void productsOfFloats() {
    String domain = "com.microsoft:";
    refused(model().node(domain + "DynamicQuantizeMatMul", "f w run", "y"), "right side", "not offered");
    refused(model().node(domain + "DynamicQuantizeMatMul", "f w s - s", "y"), "input 4",
        "bias of each column");
    refused(model().node(domain + "MatMulIntegerToFloat", "f w s s", "y"), "input 0", "got F32");
    refused(model().node(domain + "FusedMatMul", "f f", "y").attribute("transBatchA", 1L), "transBatchA");
    refused(model().node(domain + "FusedMatMul", "f f", "y"), "columns");
    refused(model().node(domain + "FusedConv", "f f", "y").attribute("activation", "Swish"), "Swish");
    refused(model().node(domain + "FusedConv", "f f", "y").attribute("activation", "LeakyRelu"),
        "activation_params", "got 0");
    refused(model().node(domain + "SkipLayerNormalization", "f f row", "y"), "input 2", "each column");
    refused(model().node(domain + "SkipLayerNormalization", "f f run", "y - - sum"), "outputs behind");
    refused(model().node(domain + "BiasGelu", "f run f", "y"), "expected 2 inputs, got 3");
    refused(model().node(domain + "MatMulNBits", "f z s", "y").attribute("K", 64L).attribute("N", 8L)
        .attribute("block_size", 8L), "blocks of 8");
    refused(model().node(domain + "MatMulNBits", "f z s", "y").attribute("K", 64L).attribute("N", 8L)
        .attribute("block_size", 32L), "input 1", "expected 256 elements");
    refused(model().node("com.example:QLinearAdd", "x s z x s z s z", "y"), "com.example:QLinearAdd");
  }
}

package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.Tensor;
import java.nio.file.Path;
import java.util.Map;

/** The program of the README: the lines between the two marks stand there word for word. */
final class RunModel {
  private RunModel() {}

  static float[] run(Path path) {
    // README
    try (Octet octet = Octet.open();
        OnnxModel file = OnnxModel.open(path);
        PreparedOnnx model = file.prepare(octet)) {
      Shape tokens = Shape.of(1, 4); // "hello world", between [CLS] and [SEP]
      Map<String, Tensor> outputs = model.run(Map.of(
          "input_ids", Tensor.longs(tokens, 101, 7592, 2088, 102),
          "attention_mask", Tensor.longs(tokens, 1, 1, 1, 1),
          "token_type_ids", Tensor.longs(tokens, 0, 0, 0, 0)));
      System.out.println(model.report()); // node by node: which kernel runs it, what was fused
      return outputs.get("last_hidden_state").floats();
    }
    // README
  }
}

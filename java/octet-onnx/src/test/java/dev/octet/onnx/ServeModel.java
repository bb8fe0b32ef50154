package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The program of docs/from-onnx-to-a-service.md: the lines between the two marks stand there word for word.
 */
final class ServeModel {
  private ServeModel() {}

  static List<float[]> run(Path path, List<long[]> texts) throws InterruptedException, ExecutionException {
    // README
    try (Octet octet = Octet.builder().threads(1).open(); // a run stays on the thread of its caller
        OnnxModel file = OnnxModel.open(path);
        PreparedOnnx model = file.prepare(octet, OnnxOptions.defaults().memoryLimit(256L << 20));
        ExecutorService requests = Executors.newFixedThreadPool(4)) {
      List<Future<float[]>> answers = new ArrayList<>();
      for (long[] tokens : texts) {
        answers.add(requests.submit(() -> {
          Shape shape = Shape.of(1, tokens.length);
          long[] ones = new long[tokens.length];
          Arrays.fill(ones, 1);
          Map<String, Tensor> outputs = model.run(Map.of(
              "input_ids", Tensor.longs(shape, tokens),
              "attention_mask", Tensor.longs(shape, ones),
              "token_type_ids", Tensor.longs(shape, new long[tokens.length])));
          return outputs.get("last_hidden_state").floats();
        }));
      }
      List<float[]> vectors = new ArrayList<>();
      for (Future<float[]> answer : answers) {
        vectors.add(answer.get());
      }
      return vectors;
    }
    // README
  }
}

package dev.octet.bench.models;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.octet.Shape;
import dev.octet.bench.subject.OrtTensors;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random inputs of a model, for Octet and for ONNX Runtime. */
final class ModelInputs implements AutoCloseable {
  private static final int FIRST_WORD = 1000;
  private static final int WORDS = 20_000;

  private final Map<String, Tensor> octet = new HashMap<>();
  private final Map<String, OnnxTensor> ort = new HashMap<>();

  /**
   * Draws floats around 0; of integers an attention mask of ones, types of 0, and numbers of words.
   *
   * @param inputs of the model
   * @param dims the dimensions of each
   */
  ModelInputs(List<TensorInfo> inputs, long[] dims, long seed) throws OrtException {
    Random random = new Random(seed);
    Shape shape = Shape.of(dims);
    int count = Math.toIntExact(shape.elements());
    for (TensorInfo input : inputs) {
      if (input.type() == ElementType.F32) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
          floats[i] = (float) random.nextGaussian();
        }
        octet.put(input.name(), Tensor.floats(shape, floats));
        ort.put(input.name(),
            OnnxTensor.createTensor(OrtTensors.environment(), FloatBuffer.wrap(floats), dims));
      } else {
        long[] longs = new long[count];
        for (int i = 0; i < count; i++) {
          longs[i] = switch (input.name()) {
            case "attention_mask" -> 1;
            case "token_type_ids" -> 0;
            default -> FIRST_WORD + random.nextInt(WORDS);
          };
        }
        octet.put(input.name(), Tensor.longs(shape, longs));
        ort.put(input.name(),
            OnnxTensor.createTensor(OrtTensors.environment(), LongBuffer.wrap(longs), dims));
      }
    }
  }

  /** Of {@code PreparedOnnx.run}. */
  Map<String, Tensor> octet() {
    return octet;
  }

  /** Of {@code OrtSession.run}. */
  Map<String, OnnxTensor> ort() {
    return ort;
  }

  @Override
  public void close() {
    ort.values().forEach(OnnxTensor::close);
  }
}

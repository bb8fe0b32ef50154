package dev.octet.testing;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * ONNX Runtime as the outside judge. Sessions are single-threaded, run the graph as it is written (no
 * fusions: an operator is judged, not an optimizer), and are kept for models that come again, because making
 * one costs more than running a small case.
 */
final class OnnxRuntime implements AutoCloseable {
  private static final int MAX_SESSIONS = 128;

  private final OrtEnvironment environment = OrtEnvironment
      .getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
  private final OrtSession.SessionOptions options = options();
  private final Map<ByteString, OrtSession> sessions = new LinkedHashMap<>(16, 0.75f, true);

  private static OrtSession.SessionOptions options() {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setMemoryPatternOptimization(false);
      return options;
    } catch (OrtException e) {
      options.close();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Runs a model.
   *
   * @param model the model
   * @param inputs its inputs by name, in native memory
   * @return its outputs by name, copied
   * @throws IllegalStateException if ONNX Runtime refuses the model or the inputs
   */
  Map<String, Tensor> run(OnnxModel model, Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> native0 = new HashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        native0.put(input.getKey(), toOnnx(input.getValue()));
      }
      try (OrtSession.Result result = session(model).run(native0)) {
        Map<String, Tensor> outputs = new HashMap<>();
        for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
          outputs.put(output.getKey(), fromOnnx((OnnxTensor) output.getValue()));
        }
        return outputs;
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    } finally {
      native0.values().forEach(OnnxTensor::close);
    }
  }

  private OrtSession session(OnnxModel model) throws OrtException {
    ByteString key = model.build();
    OrtSession session = sessions.get(key);
    if (session == null) {
      session = environment.createSession(key.toByteArray(), options);
      sessions.put(key, session);
      if (sessions.size() > MAX_SESSIONS) {
        ByteString eldest = sessions.keySet().iterator().next();
        sessions.remove(eldest).close();
      }
    }
    return session;
  }

  private OnnxTensor toOnnx(Tensor tensor) throws OrtException {
    OnnxJavaType type = switch (tensor.type()) {
      case U8 -> OnnxJavaType.UINT8;
      case S8 -> OnnxJavaType.INT8;
      case S32 -> OnnxJavaType.INT32;
      case F32 -> OnnxJavaType.FLOAT;
      case U4, S4 ->
        throw new IllegalArgumentException("the Java API has no 4-bit tensors: cast in the graph");
    };
    ByteBuffer buffer = tensor.data().asByteBuffer().order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(environment, buffer, tensor.shape().toArray(), type);
  }

  private static Tensor fromOnnx(OnnxTensor value) throws OrtException {
    DataType type = switch (value.getInfo().type) {
      case UINT8 -> DataType.U8;
      case INT8 -> DataType.S8;
      case INT32 -> DataType.S32;
      case FLOAT -> DataType.F32;
      default -> throw new IllegalStateException("output of type " + value.getInfo().type);
    };
    Tensor tensor = Tensor.zeros(type, value.getInfo().getShape());
    tensor.data().copyFrom(MemorySegment.ofBuffer(value.getByteBuffer()));
    return tensor;
  }

  @Override
  public void close() {
    try {
      for (OrtSession session : sessions.values()) {
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
    sessions.clear();
    options.close();
  }
}

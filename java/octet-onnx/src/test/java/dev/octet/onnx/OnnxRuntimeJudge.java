package dev.octet.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model in ONNX Runtime, single-threaded, as it is written: no fusions, where nothing else is said. */
final class OnnxRuntimeJudge implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment
      .getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
  private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
  private final OrtSession session;

  OnnxRuntimeJudge(byte[] model) {
    this(model, false);
  }

  /** A model with fusions, as programs run it, or without. */
  OnnxRuntimeJudge(byte[] model, boolean fused) {
    try {
      options.setOptimizationLevel(fused
          ? OrtSession.SessionOptions.OptLevel.ALL_OPT
          : OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setMemoryPatternOptimization(false);
      session = environment.createSession(model, options);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
  }

  /** The outputs of a model, once. */
  static Map<String, Tensor> run(byte[] model, Map<String, Tensor> inputs) {
    try (OnnxRuntimeJudge judge = new OnnxRuntimeJudge(model)) {
      return judge.run(inputs);
    }
  }

  Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> given = new HashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        given.put(input.getKey(), toOnnx(input.getValue()));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(given)) {
        for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
          outputs.put(output.getKey(), fromOnnx((OnnxTensor) output.getValue()));
        }
      }
      return outputs;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor toOnnx(Tensor tensor) throws OrtException {
    OnnxJavaType type = switch (tensor.type()) {
      case F32 -> OnnxJavaType.FLOAT;
      case I64 -> OnnxJavaType.INT64;
      case I32 -> OnnxJavaType.INT32;
      case I8 -> OnnxJavaType.INT8;
      case U8 -> OnnxJavaType.UINT8;
      case BOOL -> OnnxJavaType.BOOL;
      case OTHER -> throw new IllegalArgumentException("OTHER");
    };
    Tensor copy = Tensor.allocate(tensor.type(), tensor.shape());
    copy.data().copyFrom(tensor.data());
    ByteBuffer buffer = copy.data().asByteBuffer().order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(environment, buffer, tensor.shape().toArray(), type);
  }

  private static Tensor fromOnnx(OnnxTensor value) throws OrtException {
    ElementType type = switch (value.getInfo().type) {
      case FLOAT -> ElementType.F32;
      case INT64 -> ElementType.I64;
      case INT32 -> ElementType.I32;
      case INT8 -> ElementType.I8;
      case UINT8 -> ElementType.U8;
      case BOOL -> ElementType.BOOL;
      default -> throw new IllegalStateException("output of type " + value.getInfo().type);
    };
    Tensor tensor = Tensor.allocate(type, Shape.of(value.getInfo().getShape()));
    tensor.data().copyFrom(MemorySegment.ofBuffer(value.getByteBuffer()));
    return tensor;
  }

  @Override
  public void close() {
    try {
      session.close();
      options.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}

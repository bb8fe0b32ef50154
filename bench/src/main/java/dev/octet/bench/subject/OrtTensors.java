package dev.octet.bench.subject;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** Tensors of ONNX Runtime over memory of ours. */
public final class OrtTensors {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment
      .getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);

  private OrtTensors() {}

  /** The environment of the process. */
  public static OrtEnvironment environment() {
    return ENVIRONMENT;
  }

  /**
   * A tensor that reads or writes a segment; no copy is made.
   *
   * @param data native memory
   * @param type U8, S8, S32 or F32
   * @param shape the shape
   * @throws OrtException if ONNX Runtime refuses it
   */
  public static OnnxTensor over(MemorySegment data, DataType type, long... shape) throws OrtException {
    OnnxJavaType javaType = switch (type) {
      case U8 -> OnnxJavaType.UINT8;
      case S8 -> OnnxJavaType.INT8;
      case S32 -> OnnxJavaType.INT32;
      case F32 -> OnnxJavaType.FLOAT;
      case U4, S4 -> throw new IllegalArgumentException("no tensors of " + type);
    };
    return OnnxTensor.createTensor(ENVIRONMENT, data.asByteBuffer().order(ByteOrder.nativeOrder()), shape,
        javaType);
  }
}

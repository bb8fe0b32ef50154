#!/usr/bin/env bash
# What: two quantized operators of ONNX Runtime round the same tie to different values.
# Version: com.microsoft.onnxruntime:onnxruntime 1.29.0 (Maven Central), CPU.
# A reader expects: one half with output scale 1 and zero point 1 is one value, whichever operator computed it.
# Seen: QLinearAdd 2 (adds the zero point, then rounds 1.5 to even); QLinearMatMul 1 (rounds 0.5 to even, then adds).
# Why it matters: with an odd zero point a kernel needs the rule of each operator to be equal bit by bit.
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/lib/onnxruntime" \
  'add 2
matmul 1' <<'JAVA'
import ai.onnxruntime.*;
import java.nio.ByteBuffer;
import java.util.*;

class Main {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  public static void main(String[] args) throws Exception {
    byte[] model = new Onnx().input("a", Onnx.UINT8).input("b", Onnx.UINT8).input("half", Onnx.FLOAT)
        .input("one", Onnx.FLOAT).input("z0", Onnx.UINT8).input("z1", Onnx.UINT8)
        .node(true, "QLinearAdd", "a half z0 b half z0 one z1", "add", Map.of()).output("add", Onnx.UINT8)
        .node(false, "QLinearMatMul", "a half z0 a one z0 one z1", "matmul", Map.of()).output("matmul", Onnx.UINT8).build();
    Map<String, OnnxTensor> inputs = Map.of("a", bytes(1, 1, 1), "b", bytes(0, 1, 1), "half",
        OnnxTensor.createTensor(ENVIRONMENT, 0.5f), "one", OnnxTensor.createTensor(ENVIRONMENT, 1f), "z0", bytes(0),
        "z1", bytes(1));
    try (OrtSession session = ENVIRONMENT.createSession(model); OrtSession.Result result = session.run(inputs)) {
      for (String name : List.of("add", "matmul")) {
        System.out.println(name + " " + ((OnnxTensor) result.get(name).get()).getByteBuffer().get(0));
      }
    }
  }

  private static OnnxTensor bytes(int value, long... shape) throws OrtException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1).put(0, (byte) value);
    return OnnxTensor.createTensor(ENVIRONMENT, buffer, shape, OnnxJavaType.UINT8);
  }
}
JAVA

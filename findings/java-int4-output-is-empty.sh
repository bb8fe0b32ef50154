#!/usr/bin/env bash
# What: an INT4 graph output reaches Java as type UNKNOWN without its bytes, and no error says so.
# Version: com.microsoft.onnxruntime:onnxruntime 1.29.0 (Maven Central), CPU.
# A reader expects: two values a byte, or an exception that names the type.
# Seen: the lines that the script expects: four values, type UNKNOWN, no buffer content.
# Why it matters: a judge of int4 kernels in Java has to widen inside the graph (Cast to int8).
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/lib/onnxruntime" \
  '[4] UNKNOWN
bytes 0' <<'JAVA'
import ai.onnxruntime.*;
import java.util.*;

class Main {
  public static void main(String[] args) throws Exception {
    byte[] model = new Onnx().input("x", Onnx.FLOAT)
        .node(false, "Cast", "x", "y", Map.of("to", Onnx.INT4)).output("y", Onnx.INT4).build();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model);
        OnnxTensor x = OnnxTensor.createTensor(environment, new float[] {1, 2, 3, 4});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      OnnxTensor y = (OnnxTensor) result.get(0);
      System.out.println(Arrays.toString(y.getInfo().getShape()) + " " + y.getInfo().type);
      System.out.println("bytes " + y.getByteBuffer().remaining());
    }
  }
}
JAVA

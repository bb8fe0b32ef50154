#!/usr/bin/env bash
# What: float to int4 in ONNX Runtime follows another rule in Cast than float to int8 does, and another than QuantizeLinear.
# Version: com.microsoft.onnxruntime:onnxruntime 1.29.0 (Maven Central), CPU.
# A reader expects: Cast cuts off the fraction for every integer type; or rounds for every one.
# Seen: the lines that the script expects. Cast to int8 cuts off. Cast to int4 rounds half away from zero, and 7.5 becomes -8.
#   QuantizeLinear to int4 with scale 1 rounds half to even and saturates.
# Why it matters: a kernel that packs int4 with Cast as its reference gets ties and the upper end wrong.
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/lib/onnxruntime" \
  'cast8 [0, 1, 2, 0, -2, 2, 7]
cast4 [1, 2, 3, -1, -3, 3, -8]
quantize4 [0, 2, 2, 0, -2, 3, 7]' <<'JAVA'
import ai.onnxruntime.*;
import java.util.*;

class Main {
  public static void main(String[] args) throws Exception {
    byte[] model = new Onnx().input("x", Onnx.FLOAT).input("s", Onnx.FLOAT)
        .node(false, "Cast", "x", "cast8", Map.of("to", Onnx.INT8)).output("cast8", Onnx.INT8)
        .node(false, "Cast", "x", "c4", Map.of("to", Onnx.INT4)).node(false, "Cast", "c4", "cast4", Map.of("to", Onnx.INT8))
        .output("cast4", Onnx.INT8)
        .node(false, "Sub", "s s", "zero", Map.of()).node(false, "Cast", "zero", "z4", Map.of("to", Onnx.INT4))
        .node(false, "QuantizeLinear", "x s z4", "q4", Map.of()).node(false, "Cast", "q4", "quantize4", Map.of("to", Onnx.INT8))
        .output("quantize4", Onnx.INT8).build();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model);
        OnnxTensor x = OnnxTensor.createTensor(environment, new float[] {0.5f, 1.5f, 2.5f, -0.5f, -2.5f, 2.7f, 7.5f});
        OnnxTensor s = OnnxTensor.createTensor(environment, 1f);
        OrtSession.Result result = session.run(Map.of("x", x, "s", s))) {
      for (String name : List.of("cast8", "cast4", "quantize4")) {
        System.out.println(name + " " + Arrays.toString((byte[]) result.get(name).get().getValue()));
      }
    }
  }
}
JAVA

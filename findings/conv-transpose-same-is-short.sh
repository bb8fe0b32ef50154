#!/usr/bin/env bash
# What: ConvTranspose with auto_pad SAME in ONNX Runtime gives fewer elements than ONNX says where the kernel is shorter than
# the stride.
# Version: com.microsoft.onnxruntime:onnxruntime 1.29.0 (Maven Central), CPU.
# A reader expects: as the operator's text has it, SAME_UPPER and SAME_LOWER make the length of the result that of the input
# times the stride.
# Seen: 5 elements, stride 2, kernel 1: 9, not 10; stride 4, kernel 3: 19, not 20; kernels as long as the stride or longer give
# 10 and 20.
# Why it matters: upsampling by such a layer and a skip connection of twice the length do not fit each other, and a runtime
# that follows the text has another shape.
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/lib/onnxruntime" \
  'stride 2, kernel 1: 9
stride 2, kernel 2: 10
stride 2, kernel 3: 10
stride 4, kernel 3: 19
stride 4, kernel 4: 20' <<'JAVA'
import ai.onnxruntime.*;
import java.nio.FloatBuffer;
import java.util.*;

class Main {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  public static void main(String[] args) throws Exception {
    for (int[] sizes : new int[][] {{2, 1}, {2, 2}, {2, 3}, {4, 3}, {4, 4}}) {
      byte[] model = new Onnx().input("x", Onnx.FLOAT).input("w", Onnx.FLOAT)
          .node(false, "ConvTranspose", "x w", "y",
              Map.of("auto_pad", "SAME_UPPER", "strides", new int[] {sizes[0]}))
          .output("y", Onnx.FLOAT).build();
      Map<String, OnnxTensor> inputs = Map.of("x", ones(1, 1, 5), "w", ones(1, 1, sizes[1]));
      try (OrtSession session = ENVIRONMENT.createSession(model); OrtSession.Result result = session.run(inputs)) {
        long[] shape = ((OnnxTensor) result.get(0)).getInfo().getShape();
        System.out.println("stride " + sizes[0] + ", kernel " + sizes[1] + ": " + shape[2]);
      }
    }
  }

  private static OnnxTensor ones(long... shape) throws OrtException {
    float[] values = new float[(int) (shape[0] * shape[1] * shape[2])];
    Arrays.fill(values, 1);
    return OnnxTensor.createTensor(ENVIRONMENT, FloatBuffer.wrap(values), shape);
  }
}
JAVA

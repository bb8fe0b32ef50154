#!/usr/bin/env bash
# What: Resize in mode linear of 8-bit images in ONNX Runtime truncates, and its integers depend on the layout of the image.
# Version: com.microsoft.onnxruntime:onnxruntime 1.29.0 (Maven Central), CPU.
# A reader expects: an interpolated value is rounded to the nearest integer, and an image of one channel, whose bytes are
# the same as NCHW and as NHWC, gives the same bytes in both.
# Seen: two pixels 0 and 255 become 0 63 191 255, where 63.75 is nearer to 64; of 169 pixels of a random image of 7 x 7,
# resized to 13 x 13, 17 differ between [1][1][7][7] and [1][7][7][1]: the second layout has a kernel of its own.
# Why it matters: a model that was turned to NHWC is no reference for the same model in NCHW, and a kernel that rounds agrees
# with neither.
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/lib/onnxruntime" \
  $'NCHW 0 63 191 255 0 63 191 255\n17 of 169 differ' <<'JAVA'
import ai.onnxruntime.*;
import java.nio.*;
import java.util.*;

class Main {
  static byte[] resize(OrtEnvironment environment, OrtSession session, byte[] image, long[] from, long[] to)
      throws Exception {
    ByteBuffer pixels = ByteBuffer.allocateDirect(image.length).put(image).flip();
    try (OnnxTensor x = OnnxTensor.createTensor(environment, pixels, from, OnnxJavaType.UINT8);
        OnnxTensor sizes = OnnxTensor.createTensor(environment, to);
        OrtSession.Result result = session.run(Map.of("x", x, "sizes", sizes))) {
      ByteBuffer y = ((OnnxTensor) result.get(0)).getByteBuffer();
      byte[] bytes = new byte[y.remaining()];
      y.get(bytes);
      return bytes;
    }
  }

  static String show(byte[] bytes) {
    StringJoiner joined = new StringJoiner(" ");
    for (byte b : bytes) {
      joined.add("" + (b & 0xff));
    }
    return joined.toString();
  }

  public static void main(String[] args) throws Exception {
    byte[] model = new Onnx().input("x", Onnx.UINT8).input("sizes", Onnx.INT64)
        .node(false, "Resize", "x   sizes", "y",
            Map.of("mode", "linear", "coordinate_transformation_mode", "half_pixel"))
        .output("y", Onnx.UINT8).build();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model)) {
      byte[] two = {0, (byte) 255, 0, (byte) 255};
      byte[] four = resize(environment, session, two, new long[] {1, 1, 2, 2}, new long[] {1, 1, 2, 4});
      System.out.println("NCHW " + show(four));
      byte[] image = new byte[49];
      new Random(1).nextBytes(image);
      byte[] planes = resize(environment, session, image, new long[] {1, 1, 7, 7}, new long[] {1, 1, 13, 13});
      byte[] pixels = resize(environment, session, image, new long[] {1, 7, 7, 1}, new long[] {1, 13, 13, 1});
      int different = 0;
      for (int i = 0; i < planes.length; i++) {
        different += planes[i] == pixels[i] ? 0 : 1;
      }
      System.out.println(different + " of " + planes.length + " differ");
    }
  }
}
JAVA

package dev.octet.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Small ONNX files, as protobuf messages by hand. */
final class OnnxBytes {
  private static final int GRAPH = 7;

  private OnnxBytes() {}

  /** A field of a protobuf message that has a length, below 2^14. */
  static byte[] field(int number, byte[]... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      body.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write((number << 3) | 2);
    out.write((body.size() & 0x7f) | 0x80);
    out.write(body.size() >> 7);
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }

  /** A field of a number below 128. */
  private static byte[] number(int field, int value) {
    return new byte[]{(byte) (field << 3), (byte) value};
  }

  static byte[] text(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A model without opsets. */
  static byte[] graph(byte[]... parts) {
    return field(GRAPH, parts);
  }

  /** A model of an opset of ONNX. */
  static byte[] model(int opset, byte[]... graph) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(field(8, number(2, opset)));
    out.writeBytes(graph(graph));
    return out.toByteArray();
  }

  /** A TensorProto of F32: dims, type, name, raw data. */
  static byte[] initializer(String name, int... dims) {
    int bytes = 4;
    for (int dim : dims) {
      bytes *= dim;
    }
    byte[] shape = new byte[dims.length];
    for (int i = 0; i < dims.length; i++) {
      shape[i] = (byte) dims[i];
    }
    return field(5, field(1, shape), number(2, 1), text(8, name), field(9, new byte[bytes]));
  }

  static byte[] node(String op, String first, String second, String output) {
    return field(1, text(1, first), text(1, second), text(2, output), text(4, op));
  }

  /** A node of one input. */
  static byte[] node(String op, String input, String output) {
    return field(1, text(1, input), text(2, output), text(3, "the" + op), text(4, op));
  }

  /** An input of a type of ONNX; dimensions are numbers or symbols. */
  static byte[] input(String name, int type, Object... dims) {
    return value(11, name, type, dims);
  }

  /** An output. */
  static byte[] output(String name, int type, Object... dims) {
    return value(12, name, type, dims);
  }

  private static byte[] value(int field, String name, int type, Object... dims) {
    byte[][] shape = new byte[dims.length][];
    for (int i = 0; i < dims.length; i++) {
      shape[i] = field(1, dims[i] instanceof Integer length ? number(1, length) : text(2, (String) dims[i]));
    }
    return field(field, text(1, name), field(2, field(1, number(1, type), field(2, shape))));
  }
}

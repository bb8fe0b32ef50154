import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes ONNX models of a few nodes (opset 21, IR version 10) whose operands are all graph inputs of unknown shape. */
final class Onnx {
  static final int FLOAT = 1;
  static final int UINT8 = 2;
  static final int INT8 = 3;
  static final int INT64 = 7;
  static final int FLOAT8E4M3FN = 17;
  static final int INT4 = 22;
  private static final String MICROSOFT = "com.microsoft";

  private final ByteArrayOutputStream graph = new ByteArrayOutputStream();

  Onnx() {
    text(graph, 2, "finding");
  }

  Onnx input(String name, int type) {
    return value(11, name, type);
  }

  Onnx output(String name, int type) {
    return value(12, name, type);
  }

  /** A node; inputs are separated by blanks, an empty one is left out; attributes are integers, int[] and strings. */
  Onnx node(boolean microsoft, String op, String inputs, String output, Map<String, ?> attributes) {
    ByteArrayOutputStream node = new ByteArrayOutputStream();
    for (String input : inputs.split(" ")) {
      text(node, 1, input);
    }
    text(node, 2, output);
    text(node, 4, op);
    attributes.forEach((name, value) -> {
      ByteArrayOutputStream attribute = new ByteArrayOutputStream();
      text(attribute, 1, name);
      if (value instanceof Integer integer) {
        number(attribute, 3, integer);
        number(attribute, 20, 2);
      } else if (value instanceof int[] integers) {
        for (int integer : integers) {
          number(attribute, 8, integer);
        }
        number(attribute, 20, 7);
      } else {
        text(attribute, 4, value.toString());
        number(attribute, 20, 3);
      }
      bytes(node, 5, attribute.toByteArray());
    });
    text(node, 7, microsoft ? MICROSOFT : "");
    bytes(graph, 1, node.toByteArray());
    return this;
  }

  byte[] build() {
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    number(model, 1, 10);
    bytes(model, 7, graph.toByteArray());
    opset(model, "", 21);
    opset(model, MICROSOFT, 1);
    return model.toByteArray();
  }

  private Onnx value(int field, String name, int type) {
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    number(tensor, 1, type);
    ByteArrayOutputStream kind = new ByteArrayOutputStream();
    bytes(kind, 1, tensor.toByteArray());
    ByteArrayOutputStream info = new ByteArrayOutputStream();
    text(info, 1, name);
    bytes(info, 2, kind.toByteArray());
    bytes(graph, field, info.toByteArray());
    return this;
  }

  private static void opset(ByteArrayOutputStream model, String domain, int version) {
    ByteArrayOutputStream opset = new ByteArrayOutputStream();
    text(opset, 1, domain);
    number(opset, 2, version);
    bytes(model, 8, opset.toByteArray());
  }

  private static void text(ByteArrayOutputStream out, int field, String text) {
    bytes(out, field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void bytes(ByteArrayOutputStream out, int field, byte[] bytes) {
    varint(out, field << 3 | 2);
    varint(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void number(ByteArrayOutputStream out, int field, int value) {
    varint(out, field << 3);
    varint(out, value);
  }

  private static void varint(ByteArrayOutputStream out, int value) {
    for (; value >= 128; value >>>= 7) {
      out.write(value & 127 | 128);
    }
    out.write(value);
  }
}

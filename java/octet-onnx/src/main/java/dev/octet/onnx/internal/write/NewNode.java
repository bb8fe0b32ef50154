package dev.octet.onnx.internal.write;

import dev.octet.quantize.proto.ProtoWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A node that a file gets.
 *
 * @param type its operator
 * @param name its name
 * @param inputs the names of its inputs, empty for those that are left out
 * @param outputs the names of its outputs
 * @param attributes whole fields of a NodeProto
 */
record NewNode(String type, String name, List<String> inputs, List<String> outputs,
    List<MemorySegment> attributes) {
  static final int INPUT = 1;
  static final int OUTPUT = 2;
  static final int NAME = 3;
  static final int TYPE = 4;
  static final int ATTRIBUTE = 5;
  private static final int ATTRIBUTE_NAME = 1;
  private static final int ATTRIBUTE_INTEGER = 3;
  private static final int ATTRIBUTE_TYPE = 20;
  private static final int INTEGER = 2;

  NewNode(String type, String name, List<String> inputs, List<String> outputs) {
    this(type, name, inputs, outputs, List.of());
  }

  /** The same with an attribute that is an integer. */
  NewNode with(String attribute, long value) {
    ProtoWriter writer = new ProtoWriter().message(ATTRIBUTE, new ProtoWriter()
        .text(ATTRIBUTE_NAME, attribute).number(ATTRIBUTE_INTEGER, value).number(ATTRIBUTE_TYPE, INTEGER));
    List<MemorySegment> more = new ArrayList<>(attributes);
    more.addAll(writer.parts());
    return new NewNode(type, name, inputs, outputs, more);
  }

  /** The NodeProto. */
  ProtoWriter proto() {
    ProtoWriter writer = new ProtoWriter();
    inputs.forEach(input -> writer.text(INPUT, input));
    outputs.forEach(output -> writer.text(OUTPUT, output));
    writer.text(NAME, name).text(TYPE, type);
    attributes.forEach(writer::copy);
    return writer;
  }
}

package dev.octet.onnx.internal.write;

import dev.octet.quantize.proto.ProtoWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A node that a file gets.
 *
 * @param inputs the names of its inputs, empty for those that are left out
 * @param outputs the names of its outputs
 * @param fields the other fields of its NodeProto, whole
 */
record NewNode(List<String> inputs, List<String> outputs, List<MemorySegment> fields) {
  static final int INPUT = 1;
  static final int OUTPUT = 2;
  static final int ATTRIBUTE = 5;
  private static final int NAME = 3;
  private static final int TYPE = 4;
  private static final int ATTRIBUTE_NAME = 1;
  private static final int ATTRIBUTE_INTEGER = 3;
  private static final int ATTRIBUTE_TYPE = 20;
  private static final int INTEGER = 2;

  /** A node of an operator of ONNX's own. */
  static NewNode of(String type, String name, List<String> inputs, List<String> outputs) {
    return new NewNode(inputs, outputs, new ProtoWriter().text(NAME, name).text(TYPE, type).parts());
  }

  /** The same with more fields, as attributes. */
  NewNode with(List<MemorySegment> attributes) {
    List<MemorySegment> more = new ArrayList<>(fields);
    more.addAll(attributes);
    return new NewNode(inputs, outputs, more);
  }

  /** The same with an attribute that is an integer. */
  NewNode with(String attribute, long value) {
    return with(new ProtoWriter().message(ATTRIBUTE, new ProtoWriter().text(ATTRIBUTE_NAME, attribute)
        .number(ATTRIBUTE_INTEGER, value).number(ATTRIBUTE_TYPE, INTEGER)).parts());
  }

  /** The NodeProto. */
  ProtoWriter proto() {
    ProtoWriter writer = new ProtoWriter();
    inputs.forEach(input -> writer.text(INPUT, input));
    outputs.forEach(output -> writer.text(OUTPUT, output));
    fields.forEach(writer::copy);
    return writer;
  }
}

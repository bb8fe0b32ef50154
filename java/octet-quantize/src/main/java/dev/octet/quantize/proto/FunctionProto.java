package dev.octet.quantize.proto;

import java.util.ArrayList;
import java.util.List;

/**
 * A FunctionProto: an operator that the model brings along.
 *
 * @param name what nodes call it by
 * @param domain its domain
 * @param overload which function of that name
 * @param inputs the names of its inputs
 * @param outputs the names of its outputs
 * @param nodes its nodes
 * @param defaults of its attributes
 */
public record FunctionProto(String name, String domain, String overload, List<String> inputs,
    List<String> outputs, List<NodeProto> nodes, List<AttributeProto> defaults) {
  static FunctionProto read(ProtoMessage message) {
    String name = "";
    String domain = "";
    String overload = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<NodeProto> nodes = new ArrayList<>();
    List<AttributeProto> defaults = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.text();
        case 4 -> inputs.add(message.text());
        case 5 -> outputs.add(message.text());
        case 7 -> nodes.add(NodeProto.read(message.message()));
        case 10 -> domain = message.text();
        case 11 -> defaults.add(new AttributeProto(message.message()));
        case 13 -> overload = message.text();
        default -> {
          // names of attributes, documentation
        }
      }
    }
    return new FunctionProto(name, domain, overload, inputs, outputs, nodes, defaults);
  }
}

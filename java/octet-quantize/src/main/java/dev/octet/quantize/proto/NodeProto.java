package dev.octet.quantize.proto;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A NodeProto.
 *
 * @param name the name; empty where it has none
 * @param type the operator's name in its domain
 * @param domain the domain; empty or {@code ai.onnx} for ONNX's own
 * @param overload which function of that name
 * @param inputs the names of its inputs, empty for those that are left out
 * @param outputs the names of its outputs, empty for those that are left out
 * @param attributes by name
 */
public record NodeProto(String name, String type, String domain, String overload, List<String> inputs,
    List<String> outputs, Map<String, AttributeProto> attributes) {
  static NodeProto read(ProtoMessage message) {
    String name = "";
    String type = "";
    String domain = "";
    String overload = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, AttributeProto> attributes = new LinkedHashMap<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> inputs.add(message.text());
        case 2 -> outputs.add(message.text());
        case 3 -> name = message.text();
        case 4 -> type = message.text();
        case 5 -> {
          AttributeProto attribute = new AttributeProto(message.message());
          attributes.put(attribute.name(), attribute);
        }
        case 7 -> domain = message.text();
        case 8 -> overload = message.text();
        default -> {
          // documentation and what later versions add
        }
      }
    }
    return new NodeProto(name, type, domain, overload, inputs, outputs, attributes);
  }
}

package dev.octet.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octet.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A node test of the ONNX standard: one operator with inputs, attributes and the outputs that it must have.
 *
 * @param name as in the standard
 * @param op the operator
 * @param attributes integers and lists of integers
 * @param inputs by name; 4-bit tensors packed
 * @param outputs by name
 */
record NodeCase(String name, String op, Map<String, int[]> attributes, Map<String, Tensor> inputs,
    Map<String, Tensor> outputs) {
  /** All cases of a file. */
  static List<NodeCase> read(Path file) {
    try {
      List<NodeCase> cases = new ArrayList<>();
      for (JsonNode node : new ObjectMapper().readTree(file.toFile()).get("cases")) {
        Map<String, int[]> attributes = new LinkedHashMap<>();
        node.get("attributes").properties()
            .forEach(attribute -> attributes.put(attribute.getKey(), integers(attribute.getValue())));
        cases.add(new NodeCase(node.get("name").asText(), node.get("op").asText(), attributes,
            tensors(node.get("inputs")), tensors(node.get("outputs"))));
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An attribute that is a single integer. */
  int attribute(String key, int absent) {
    return attributes.containsKey(key) ? attributes.get(key)[0] : absent;
  }

  /** The integers of an input; zero where it is absent. */
  int[] integers(String input) {
    Tensor tensor = inputs.get(input);
    int[] values = new int[tensor == null ? 1 : (int) tensor.elements()];
    for (int i = 0; tensor != null && i < values.length; i++) {
      values[i] = tensor.get(i);
    }
    return values;
  }

  /** The floats of an input. */
  float[] reals(String input) {
    Tensor tensor = inputs.get(input);
    float[] values = new float[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.real(i);
    }
    return values;
  }

  private static int[] integers(JsonNode value) {
    if (!value.isArray()) {
      return new int[]{value.asInt()};
    }
    int[] values = new int[value.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.get(i).asInt();
    }
    return values;
  }

  private static Map<String, Tensor> tensors(JsonNode list) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (JsonNode node : list) {
      DataType type = switch (node.get("dtype").asText()) {
        case "uint8" -> DataType.U8;
        case "int8" -> DataType.S8;
        case "uint4" -> DataType.U4;
        case "int4" -> DataType.S4;
        case "int32" -> DataType.S32;
        case "float32" -> DataType.F32;
        default -> throw new IllegalStateException("type " + node.get("dtype"));
      };
      int[] shape = integers(node.get("shape"));
      long[] dims = new long[shape.length];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = shape[i];
      }
      Tensor tensor = Tensor.zeros(type, dims);
      for (int i = 0; i < tensor.elements(); i++) {
        JsonNode value = node.get("values").get(i);
        if (type == DataType.F32) {
          tensor.set(i, (float) value.asDouble());
        } else {
          tensor.set(i, value.asInt());
        }
      }
      tensors.put(node.get("name").asText(), tensor);
    }
    return tensors;
  }
}

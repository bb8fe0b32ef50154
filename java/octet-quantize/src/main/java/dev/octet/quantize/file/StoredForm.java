package dev.octet.quantize.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.octet.DataType;
import dev.octet.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the metadata of a safetensors file says of a tensor.
 *
 * @param type the type of its elements; null where it is not quantized
 * @param shape the shape, with elements counted, not bytes
 * @param axis of channels or groups; -1 per tensor, or where the shape of the scales tells
 * @param groupSize of the groups, 0 where there are none
 * @param axes what the axes mean to the op that uses the tensor
 * @param scale the name of the scales; null where it is not quantized
 * @param zeroPoint the name of the zero points; null where all are 0
 * @param packed the type of elements that safetensors cannot hold, whose bytes are stored; null for all else
 */
record StoredForm(DataType type, Shape shape, int axis, int groupSize, WeightAxes axes, String scale,
    String zeroPoint, StoredType packed) {
  /** A tensor that is quantized. */
  StoredForm(DataType type, Shape shape, int axis, int groupSize, WeightAxes axes, String scale,
      String zeroPoint) {
    this(type, shape, axis, groupSize, axes, scale, zeroPoint, null);
  }

  /** A tensor that is not quantized. */
  static StoredForm plain(Shape shape, WeightAxes axes) {
    return new StoredForm(null, shape, -1, 0, axes, null, null);
  }

  /** A tensor that is not quantized, and of which the file has the bytes only. */
  static StoredForm bytes(StoredType type, Shape shape, WeightAxes axes) {
    return new StoredForm(null, shape, -1, 0, axes, null, null, type);
  }

  /** Scales and zero points that are told by other means than their names; output features are axis 0. */
  static StoredForm of(DataType type, Shape shape, int axis, int groupSize) {
    return new StoredForm(type, shape, axis, groupSize, WeightAxes.of(0, shape.rank()), null, null);
  }

  boolean isQuantized() {
    return type != null;
  }

  /** The text of {@link StoredQuantization#KEY}. */
  static String format(Map<String, StoredForm> forms) {
    ObjectNode all = MetadataText.JSON.createObjectNode();
    forms.forEach((name, form) -> form.write(name, all.putObject(name)));
    return all.toString();
  }

  private void write(String name, ObjectNode node) {
    if (isQuantized()) {
      node.put("type", type.name());
      Arrays.stream(shape.toArray()).forEach(node.putArray("shape")::add);
      if (axis >= 0) {
        node.put("axis", axis);
      }
      if (groupSize > 0) {
        node.put("group_size", groupSize);
      }
      node.put("scale", scale);
      if (zeroPoint != null) {
        node.put("zero_point", zeroPoint);
      }
    }
    if (packed != null) {
      node.put("packed", packed.name());
      Arrays.stream(shape.toArray()).forEach(node.putArray("shape")::add);
    }
    if (axes.output() != 0) {
      node.put("output_axis", axes.output());
    }
    if (axes.input() != WeightAxes.NONE) {
      node.put("input_axis", axes.input());
    } else if (!axes.equals(WeightAxes.named(name, axes.output(), shape.rank()))) {
      node.putNull("input_axis");
    }
  }

  /** The forms of a text. */
  static Map<String, StoredForm> parse(String text, Map<String, StoredTensor> tensors) {
    Map<String, StoredForm> forms = new LinkedHashMap<>();
    MetadataText.parse(StoredQuantization.KEY, text)
        .forEach((name, node) -> forms.put(name, read(name, node, tensors)));
    return forms;
  }

  private static StoredForm read(String name, JsonNode node, Map<String, StoredTensor> tensors) {
    try {
      StoredTensor tensor = tensors.get(name);
      if (node.has("packed")) {
        StoredType packed = StoredType.valueOf(node.path("packed").asText());
        Shape shape = shape(node);
        return bytes(packed, shape, axes(name, node, shape.rank()));
      }
      if (!node.has("type")) {
        return plain(name, node, tensor);
      }
      DataType type = DataType.valueOf(node.path("type").asText());
      if (!type.isQuantized()) {
        throw new IllegalArgumentException("type " + type);
      }
      Shape shape = shape(node);
      boolean named = node.has("scale");
      String beside = name + StoredQuantization.ZERO_POINT;
      String zeroPoint = named
          ? text(node, "zero_point")
          : tensors.containsKey(beside) ? beside : null;
      return new StoredForm(type, shape, integer(node, "axis", -1), integer(node, "group_size", 0),
          axes(name, node, shape.rank()),
          named ? text(node, "scale") : name + StoredQuantization.SCALE, zeroPoint);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(
          "metadata " + StoredQuantization.KEY + ": " + name + ": " + e.getMessage(), e);
    }
  }

  /** Octet writes the axes of floats only: other tensors have scales, which would be left without them. */
  private static StoredForm plain(String name, JsonNode node, StoredTensor tensor) {
    if (!node.has("output_axis") && !node.has("input_axis")) {
      throw new IllegalArgumentException("expected type, packed, output_axis or input_axis, got " + node);
    }
    Shape shape = tensor == null ? Shape.of() : tensor.shape();
    StoredForm form = plain(shape, axes(name, node, shape.rank()));
    if (tensor != null && !tensor.type().isFloat()) {
      throw new IllegalArgumentException("expected the type that " + tensor + " stands for, got " + node);
    }
    return form;
  }

  private static Shape shape(JsonNode node) {
    List<Long> dims = new ArrayList<>();
    node.path("shape").forEach(dim -> dims.add(dim.asLong(-1)));
    return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
  }

  /** A tensor of bytes as what it was; any other as it is. */
  StoredTensor unpacked(StoredTensor tensor) {
    if (packed == null) {
      return tensor;
    }
    if (tensor.type() != StoredType.U8) {
      throw new MalformedFileException("metadata " + StoredQuantization.KEY + ": " + tensor.name()
          + ": expected bytes, U8, of type " + packed + ", got " + tensor);
    }
    return new StoredTensor(tensor.name(), packed, shape, tensor.data());
  }

  /** Files of before the input axis was written have names and the output axis to tell it by. */
  private static WeightAxes axes(String name, JsonNode node, int rank) {
    int output = axis(node, "output_axis", 0, rank);
    if (!node.has("input_axis")) {
      return WeightAxes.named(name, output, rank);
    }
    return new WeightAxes(output,
        node.get("input_axis").isNull() ? WeightAxes.NONE : axis(node, "input_axis", WeightAxes.NONE, rank));
  }

  private static int axis(JsonNode node, String key, int otherwise, int rank) {
    int axis = integer(node, key, otherwise);
    if (axis > 0 && axis >= rank) {
      throw new IllegalArgumentException(
          key + ": expected an axis of " + rank + " dimensions, got " + axis);
    }
    return axis;
  }

  private static String text(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isMissingNode() && !value.isTextual()) {
      throw new IllegalArgumentException(key + ": expected a name, got " + value);
    }
    return value.isMissingNode() ? null : value.asText();
  }

  private static int integer(JsonNode node, String key, int otherwise) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.canConvertToInt() || value.asInt() < 0) {
      throw new IllegalArgumentException(key + ": expected an integer >= 0, got " + value);
    }
    return value.asInt();
  }
}

package dev.octet.quantize.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a quantized tensor lies in a safetensors file.
 *
 * <ul>
 * <li>{@code NAME}: the integers. S8 as I8 and U8 as U8, with the tensor's shape. S4 and U4 as U8, two to a
 * byte, low nibble first: the last dimension halved where it is even, one dimension of bytes otherwise.
 * <li>{@code NAME_scale}: F32, of as many dimensions as the tensor, each 1 or the number of groups or
 * channels, so that it broadcasts: {@code [1][1]} per tensor, {@code [n][1]} per channel of axis 0,
 * {@code [n][k/32]} in groups along axis 1.
 * <li>{@code NAME_zero_point}: I8 or U8 (of S4 and U4 too), of the shape of the scales; missing where all
 * zero points are 0.
 * <li>{@code __metadata__}, key {@value #KEY}: JSON, from name to {@code type} (S8, U8, S4 or U4),
 * {@code shape}, {@code axis} of channels or groups, {@code group_size}; {@code output_axis} where output
 * features are not axis 0.
 * </ul>
 *
 * <p>
 * Read, 8-bit tensors need no metadata: the shapes of scales tell. Scales may also be F16, BF16 or F64.
 */
final class StoredQuantization {
  static final String KEY = "octet.quantization";
  static final String SCALE = "_scale";
  static final String ZERO_POINT = "_zero_point";
  private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).streamReadConstraints(StreamReadConstraints
          .builder().maxNestingDepth(4).maxNumberLength(20).maxNameLength(10_000).build())
      .build());

  /**
   * What the metadata says of a tensor.
   *
   * @param type the type of its elements; null where it is not quantized
   * @param shape the shape, with elements counted, not bytes
   * @param axis of channels or groups; -1 per tensor, or where the shape of the scales tells
   * @param groupSize of the groups, 0 where there are none
   * @param outputAxis of the output features
   */
  record Form(DataType type, Shape shape, int axis, int groupSize, int outputAxis) {
    static Form of(QTensor tensor, int outputAxis) {
      return new Form(tensor.type(), tensor.shape(), tensor.quantization().axis(),
          tensor.quantization().groupSize(), outputAxis);
    }
  }

  private final Map<String, StoredTensor> tensors;
  private final Map<String, Form> forms;

  private StoredQuantization(Map<String, StoredTensor> tensors, Map<String, Form> forms) {
    this.tensors = tensors;
    this.forms = forms;
  }

  /** Finds the quantized tensors of a file, or of several with the metadata of each. */
  static StoredQuantization read(Map<String, StoredTensor> tensors, List<Map<String, String>> metadata) {
    Map<String, Form> described = new LinkedHashMap<>();
    metadata.forEach(text -> described.putAll(parse(text.getOrDefault(KEY, "{}"))));
    Map<String, Form> forms = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      Form form = described.get(name);
      if (form == null && tensor.type().quantized().isPresent() && tensors.containsKey(name + SCALE)) {
        form = new Form(tensor.type().quantized().orElseThrow(), tensor.shape(), -1, 0, 0);
      }
      if (form != null) {
        forms.put(name, form);
      }
    });
    return new StoredQuantization(tensors, forms);
  }

  List<String> names() {
    return forms.entrySet().stream().filter(e -> e.getValue().type != null).map(Map.Entry::getKey).toList();
  }

  boolean isParameter(String name) {
    return owned(name, SCALE) || owned(name, ZERO_POINT);
  }

  private boolean owned(String name, String suffix) {
    Form form = name.endsWith(suffix) ? forms.get(name.substring(0, name.length() - suffix.length())) : null;
    return form != null && form.type != null;
  }

  int outputAxis(String name) {
    Names.require(tensors, name);
    Form form = forms.get(name);
    return form == null ? 0 : form.outputAxis;
  }

  QTensor tensor(String name) {
    StoredTensor stored = Names.require(tensors, name);
    Form form = forms.get(name);
    if (form == null || form.type == null) {
      throw new IllegalArgumentException("tensor " + name + " is not quantized: there is no " + name + SCALE);
    }
    StoredTensor scale = tensors.get(name + SCALE);
    if (scale == null) {
      throw new MalformedFileException("tensor " + name + ": expected " + name + SCALE + " beside it");
    }
    return put(stored, form, scale, tensors.get(name + ZERO_POINT));
  }

  /**
   * Integers, scales and zero points in one.
   *
   * @param zero the zero points, or null
   */
  static QTensor put(StoredTensor stored, Form form, StoredTensor scale, StoredTensor zero) {
    try {
      if (form.type.bits() == 8
          ? !stored.shape().equals(form.shape) || !fits(stored.type(), form.type)
          : stored.type().bits() > 8) {
        throw new MalformedFileException("expected " + form.type + " " + form.shape + ", got " + stored.type()
            + " " + stored.shape());
      }
      if (!scale.type().isFloat()) {
        throw new MalformedFileException("scales: expected floats, got " + scale);
      }
      if (zero != null && !zero.type().isInteger()) {
        throw new MalformedFileException("zero points: expected integers, got " + zero);
      }
      if (zero != null && zero.shape().elements() != scale.shape().elements()) {
        throw new MalformedFileException("zero points: expected as many as scales, " + scale.shape()
            + ", got " + zero.shape());
      }
      float[] scales = scale.floats();
      int[] zeros = zero == null ? new int[scales.length] : zero.ints();
      return QTensor.of(form.type, form.shape, quantization(form, scale.shape(), scales, zeros),
          stored.data());
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException("tensor " + stored.name() + ": " + e.getMessage(), e);
    }
  }

  private static boolean fits(StoredType stored, DataType type) {
    return stored.quantized().filter(type::equals).isPresent();
  }

  /** The granularity that the shape of the scales means. */
  private static Quantization quantization(Form form, Shape shape, float[] scales, int[] zeros) {
    if (form.groupSize > 0) {
      return Quantization.perGroup(form.axis, form.groupSize, scales, zeros);
    }
    if (form.axis >= 0) {
      return Quantization.perChannel(form.axis, scales, zeros);
    }
    if (scales.length == 1) {
      return Quantization.perTensor(scales[0], zeros[0]);
    }
    if (shape.rank() == 1) {
      return Quantization.perChannel(form.outputAxis, scales, zeros);
    }
    if (shape.rank() == form.shape.rank()) {
      int grouped = -1;
      for (int a = 0; a < shape.rank(); a++) {
        if (shape.dim(a) == scales.length && form.shape.dim(a) == scales.length) {
          return Quantization.perChannel(a, scales, zeros);
        }
        if (shape.dim(a) != form.shape.dim(a)) {
          grouped = grouped < 0 ? a : Integer.MAX_VALUE;
        }
      }
      if (grouped >= 0 && grouped < shape.rank() && form.shape.dim(grouped) % shape.dim(grouped) == 0) {
        return Quantization.perGroup(grouped, Math.toIntExact(form.shape.dim(grouped) / shape.dim(grouped)),
            scales,
            zeros);
      }
    }
    throw new MalformedFileException("scales: expected a shape that broadcasts to " + form.shape
        + ", per tensor, channel or group, got " + shape);
  }

  /** The type that integers are stored as. */
  static StoredType storedType(DataType type) {
    return type == DataType.S8 ? StoredType.I8 : StoredType.U8;
  }

  /** The shape that integers are stored with. */
  static Shape storedShape(DataType type, Shape shape) {
    if (type.bits() == 8) {
      return shape;
    }
    long[] dims = shape.toArray();
    if (dims.length == 0 || dims[dims.length - 1] % 2 != 0) {
      return Shape.of(type.bytes(shape.elements()));
    }
    dims[dims.length - 1] /= 2;
    return Shape.of(dims);
  }

  /**
   * The shape of scales.
   *
   * @param axis of channels or groups, -1 per tensor
   * @param groupSize 0 where there are no groups
   */
  static Shape scaleShape(Shape shape, int axis, int groupSize) {
    long[] dims = shape.toArray();
    for (int a = 0; a < dims.length; a++) {
      if (groupSize == 0) {
        dims[a] = a == axis ? dims[a] : 1;
      } else if (a == axis) {
        dims[a] = Math.ceilDiv(dims[a], groupSize);
      }
    }
    return Shape.of(dims);
  }

  /** The type that zero points are stored as. */
  static StoredType zeroPointType(DataType type) {
    return type.isSigned() ? StoredType.I8 : StoredType.U8;
  }

  static String format(Map<String, Form> forms) {
    ObjectNode all = JSON.createObjectNode();
    forms.forEach((name, form) -> {
      ObjectNode node = all.putObject(name);
      if (form.type != null) {
        node.put("type", form.type.name());
        Arrays.stream(form.shape.toArray()).forEach(node.putArray("shape")::add);
        if (form.axis >= 0) {
          node.put("axis", form.axis);
        }
        if (form.groupSize > 0) {
          node.put("group_size", form.groupSize);
        }
      }
      if (form.outputAxis != 0) {
        node.put("output_axis", form.outputAxis);
      }
    });
    return all.toString();
  }

  private static Map<String, Form> parse(String text) {
    try {
      Map<String, Form> forms = new LinkedHashMap<>();
      JsonNode all = JSON.readTree(text);
      Set<String> names = new HashSet<>();
      all.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        forms.put(name, form(name, all.get(name)));
      }
      return forms;
    } catch (JsonProcessingException e) {
      throw new MalformedFileException("metadata " + KEY + ": no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Form form(String name, JsonNode node) {
    try {
      int outputAxis = integer(node, "output_axis", 0);
      if (!node.has("type")) {
        return new Form(null, null, -1, 0, outputAxis);
      }
      DataType type = DataType.valueOf(node.path("type").asText());
      if (!type.isQuantized()) {
        throw new IllegalArgumentException("type " + type);
      }
      List<Long> dims = new ArrayList<>();
      node.path("shape").forEach(dim -> dims.add(dim.asLong(-1)));
      return new Form(type, Shape.of(dims.stream().mapToLong(Long::longValue).toArray()),
          integer(node, "axis", -1), integer(node, "group_size", 0), outputAxis);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException("metadata " + KEY + ": " + name + ": " + e.getMessage(), e);
    }
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

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
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

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
 * features are not axis 0; {@code scale} and {@code zero_point}, the names of the tensors that hold them, so
 * that no other tensor is taken for one. (Files of before these two keys: the names above.)
 * </ul>
 *
 * <p>
 * Read, 8-bit tensors need no metadata: the shapes of scales tell, and the tensor counts as quantized by
 * another tool. One whose neighbours do not fit is a tensor like any other, and the reason is kept. Scales
 * may also be F16, BF16 or F64.
 */
final class StoredQuantization {
  static final String KEY = "octet.quantization";
  static final String SCALE = "_scale";
  static final String ZERO_POINT = "_zero_point";
  static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).streamReadConstraints(StreamReadConstraints
          .builder().maxNestingDepth(4).maxNumberLength(20).maxNameLength(JsonText.MAX_NAME).build())
      .build());

  /**
   * What the metadata says of a tensor.
   *
   * @param type the type of its elements; null where it is not quantized
   * @param shape the shape, with elements counted, not bytes
   * @param axis of channels or groups; -1 per tensor, or where the shape of the scales tells
   * @param groupSize of the groups, 0 where there are none
   * @param outputAxis of the output features
   * @param scale the name of the scales; null where it is not quantized
   * @param zeroPoint the name of the zero points; null where all are 0
   */
  record Form(DataType type, Shape shape, int axis, int groupSize, int outputAxis, String scale,
      String zeroPoint) {
    /** A tensor that is not quantized. */
    static Form plain(int outputAxis) {
      return new Form(null, null, -1, 0, outputAxis, null, null);
    }

    /** Scales and zero points that are told by other means than their names. */
    static Form of(DataType type, Shape shape, int axis, int groupSize, int outputAxis) {
      return new Form(type, shape, axis, groupSize, outputAxis, null, null);
    }

    boolean isQuantized() {
      return type != null;
    }
  }

  private final Map<String, StoredTensor> tensors;
  private final Map<String, Form> forms = new LinkedHashMap<>();
  /** Names that the metadata has. */
  private final Set<String> described;
  private final Map<String, String> unreadable;
  private final Set<String> parameters = new HashSet<>();
  private final List<ForeignWeights> foreign;

  private StoredQuantization(Map<String, StoredTensor> tensors, Map<String, Form> described,
      List<ForeignWeights> known, String configured) {
    this.tensors = tensors;
    this.described = Set.copyOf(described.keySet());
    Set<String> ours = new HashSet<>(described.keySet());
    described.values().forEach(form -> {
      ours.add(form.scale);
      ours.add(form.zeroPoint);
    });
    this.foreign = ForeignForms.find(tensors, ours, known, configured);
    Set<String> others = new HashSet<>();
    foreign.forEach(weights -> others.addAll(weights.tensors()));
    tensors.forEach((name, tensor) -> {
      Form form = described.get(name);
      if (form == null && !others.contains(name) && !ours.contains(name)) {
        form = neighbours(name, tensor);
      }
      if (form != null) {
        forms.put(name, form);
        if (form.isQuantized()) {
          parameters.add(form.scale);
          parameters.add(form.zeroPoint);
        }
      }
    });
    this.unreadable = unreadable(
        forms.keySet().stream().filter(name -> forms.get(name).isQuantized() && !described.containsKey(name)),
        this::tensor);
  }

  /** An 8-bit tensor with scales beside it, which the metadata do not describe. */
  private Form neighbours(String name, StoredTensor tensor) {
    if (tensor.type().quantized().isEmpty() || !tensors.containsKey(name + SCALE)) {
      return null;
    }
    return new Form(tensor.type().quantized().orElseThrow(), tensor.shape(), -1, 0, 0, name + SCALE,
        tensors.containsKey(name + ZERO_POINT) ? name + ZERO_POINT : null);
  }

  /**
   * Tries tensors that look quantized. What does not fit together is no quantized tensor, and not the fault
   * of whoever has it in a file.
   *
   * @param names of tensors
   * @param read puts one together with its scales
   * @return from those that cannot be read so to the reason
   */
  static Map<String, String> unreadable(Stream<String> names, Consumer<String> read) {
    Map<String, String> reasons = new LinkedHashMap<>();
    names.forEach(name -> {
      try {
        read.accept(name);
      } catch (IllegalArgumentException e) {
        reasons.put(name, e.getMessage());
      }
    });
    return Collections.unmodifiableMap(reasons);
  }

  /**
   * Finds the quantized tensors of a file, or of several with the metadata of each.
   *
   * @param configured what a configuration beside the file calls its form of quantization, or null
   */
  static StoredQuantization read(Map<String, StoredTensor> tensors, List<Map<String, String>> metadata,
      String configured) {
    Map<String, Form> described = new LinkedHashMap<>();
    metadata.forEach(text -> described.putAll(parse(text.getOrDefault(KEY, "{}"), tensors)));
    List<ForeignWeights> known = new ArrayList<>();
    metadata.forEach(
        text -> known.addAll(ForeignForms.parse(text.getOrDefault(ForeignForms.KEY, "{}"), tensors)));
    return new StoredQuantization(tensors, described, known, configured);
  }

  List<String> names() {
    return forms.entrySet().stream()
        .filter(e -> e.getValue().isQuantized() && !unreadable.containsKey(e.getKey()))
        .map(Map.Entry::getKey).toList();
  }

  boolean isParameter(String name) {
    return parameters.contains(name);
  }

  /** Tensors that look quantized and cannot be read so, with the reason. */
  Map<String, String> unreadable() {
    return unreadable;
  }

  List<ForeignWeights> foreign() {
    return foreign;
  }

  /** Whether the metadata describe a tensor: Octet wrote it. */
  boolean isOurs(String name) {
    return described.contains(name);
  }

  WeightAxes axes(String name) {
    int rank = Names.require(tensors, name).shape().rank();
    Form form = forms.get(name);
    return WeightAxes.named(name, form == null ? 0 : form.outputAxis,
        form == null || !form.isQuantized() ? rank : form.shape.rank());
  }

  QTensor tensor(String name) {
    StoredTensor stored = Names.require(tensors, name);
    Form form = forms.get(name);
    if (form == null || !form.isQuantized()) {
      throw new IllegalArgumentException("tensor " + name + " is not quantized: there is no " + name + SCALE);
    }
    return put(stored, form, beside(name, form.scale),
        form.zeroPoint == null ? null : beside(name, form.zeroPoint));
  }

  private StoredTensor beside(String name, String parameter) {
    StoredTensor tensor = tensors.get(parameter);
    if (tensor == null) {
      throw new MalformedFileException("tensor " + name + ": expected " + parameter + " beside it");
    }
    return tensor;
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
      if (grouped >= 0 && grouped < shape.rank() && shape.dim(grouped) > 0
          && form.shape.dim(grouped) % shape.dim(grouped) == 0) {
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
      if (form.isQuantized()) {
        node.put("type", form.type.name());
        Arrays.stream(form.shape.toArray()).forEach(node.putArray("shape")::add);
        if (form.axis >= 0) {
          node.put("axis", form.axis);
        }
        if (form.groupSize > 0) {
          node.put("group_size", form.groupSize);
        }
        node.put("scale", form.scale);
        if (form.zeroPoint != null) {
          node.put("zero_point", form.zeroPoint);
        }
      }
      if (form.outputAxis != 0) {
        node.put("output_axis", form.outputAxis);
      }
    });
    return all.toString();
  }

  private static Map<String, Form> parse(String text, Map<String, StoredTensor> tensors) {
    try {
      Map<String, Form> forms = new LinkedHashMap<>();
      JsonNode all = JSON.readTree(text);
      Set<String> names = new HashSet<>();
      all.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        forms.put(name, form(name, all.get(name), tensors));
      }
      return forms;
    } catch (JsonProcessingException e) {
      throw new MalformedFileException("metadata " + KEY + ": no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Form form(String name, JsonNode node, Map<String, StoredTensor> tensors) {
    try {
      int outputAxis = integer(node, "output_axis", 0);
      if (!node.has("type")) {
        StoredTensor tensor = tensors.get(name);
        checkAxis(outputAxis, tensor == null ? 0 : tensor.shape().rank());
        return Form.plain(outputAxis);
      }
      DataType type = DataType.valueOf(node.path("type").asText());
      if (!type.isQuantized()) {
        throw new IllegalArgumentException("type " + type);
      }
      List<Long> dims = new ArrayList<>();
      node.path("shape").forEach(dim -> dims.add(dim.asLong(-1)));
      checkAxis(outputAxis, dims.size());
      boolean named = node.has("scale");
      String zeroPoint = named
          ? text(node, "zero_point")
          : tensors.containsKey(name + ZERO_POINT) ? name + ZERO_POINT : null;
      return new Form(type, Shape.of(dims.stream().mapToLong(Long::longValue).toArray()),
          integer(node, "axis", -1), integer(node, "group_size", 0), outputAxis,
          named ? text(node, "scale") : name + SCALE, zeroPoint);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException("metadata " + KEY + ": " + name + ": " + e.getMessage(), e);
    }
  }

  private static void checkAxis(int outputAxis, int rank) {
    if (outputAxis > 0 && outputAxis >= rank) {
      throw new IllegalArgumentException(
          "output_axis: expected an axis of " + rank + " dimensions, got " + outputAxis);
    }
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

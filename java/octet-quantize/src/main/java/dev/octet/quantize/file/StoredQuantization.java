package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.util.ArrayList;
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
 * features are not axis 0, {@code input_axis} where just one axis is summed over, null where none is though
 * the name says otherwise; {@code scale} and {@code zero_point}, the names of the tensors that hold them, so
 * that no other tensor is taken for one. (Files of before these two keys: the names above.) A tensor of a
 * type that safetensors cannot hold, such as I4 or an odd number of F4, is copied as U8 of one dimension, and
 * has {@code packed}, its type, and {@code shape} there: it is read as what it was. A tensor of floats has
 * its axes there, where they are not those that its name tells. An entry that says none of this, or a name
 * that is there twice, is refused: without it scales would be taken for a weight.
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

  private final Map<String, StoredTensor> tensors;
  private final Map<String, StoredForm> forms = new LinkedHashMap<>();
  /** Names that the metadata has. */
  private final Set<String> described;
  private final Map<String, String> unreadable;
  private final Set<String> parameters = new HashSet<>();
  private final List<ForeignWeights> foreign;

  private StoredQuantization(Map<String, StoredTensor> tensors, Map<String, StoredForm> described,
      List<ForeignWeights> known, QuantizationConfig configured) {
    this.tensors = tensors;
    this.described = Set.copyOf(described.keySet());
    Set<String> ours = new HashSet<>(described.keySet());
    described.values().forEach(form -> {
      ours.add(form.scale());
      ours.add(form.zeroPoint());
    });
    this.foreign = ForeignForms.find(tensors, ours, known, configured);
    Set<String> others = new HashSet<>();
    foreign.forEach(weights -> others.addAll(weights.tensors()));
    tensors.forEach((name, tensor) -> {
      StoredForm form = described.get(name);
      if (form == null && !others.contains(name) && !ours.contains(name)) {
        form = neighbours(name, tensor);
      }
      if (form != null) {
        forms.put(name, form);
      }
    });
    this.unreadable = unreadable(
        forms.keySet().stream().filter(name -> forms.get(name).isQuantized() && !described.containsKey(name)),
        this::tensor);
    // Scales that do not fit are tensors of their own: nothing else has their numbers.
    names().stream().map(forms::get).forEach(form -> {
      parameters.add(form.scale());
      parameters.add(form.zeroPoint());
    });
  }

  /** An 8-bit tensor with scales beside it, which the metadata do not describe. */
  private StoredForm neighbours(String name, StoredTensor tensor) {
    if (tensor.type().quantized().isEmpty() || !tensors.containsKey(name + SCALE)) {
      return null;
    }
    return new StoredForm(tensor.type().quantized().orElseThrow(), tensor.shape(), -1, 0,
        WeightAxes.of(0, tensor.shape().rank()), name + SCALE,
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
   * @param configured what a configuration beside the file says of its quantization
   */
  static StoredQuantization read(Map<String, StoredTensor> tensors, List<Map<String, String>> metadata,
      QuantizationConfig configured) {
    Map<String, StoredForm> described = new LinkedHashMap<>();
    metadata.forEach(text -> StoredForm.parse(text.getOrDefault(KEY, "{}"), tensors).forEach((name, form) -> {
      StoredForm before = described.put(name, form);
      if (before != null && !before.equals(form)) {
        throw new MalformedFileException(
            "metadata " + KEY + ": " + name + ": two files say different things");
      }
    }));
    Map<String, StoredTensor> unpacked = new LinkedHashMap<>(tensors);
    unpacked.replaceAll((name, tensor) -> {
      StoredForm form = described.get(name);
      return form == null ? tensor : form.unpacked(tensor);
    });
    List<ForeignWeights> known = new ArrayList<>();
    metadata.forEach(
        text -> known.addAll(ForeignForms.parse(text.getOrDefault(ForeignForms.KEY, "{}"), tensors)));
    return new StoredQuantization(unpacked, described, known, configured);
  }

  /** All tensors, by name; those of which the file has the bytes only as what they were. */
  Map<String, StoredTensor> tensors() {
    return tensors;
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
    return described.contains(name) ? forms.get(name).axes() : WeightAxes.named(name, 0, rank);
  }

  QTensor tensor(String name) {
    StoredTensor stored = Names.require(tensors, name);
    StoredForm form = forms.get(name);
    if (form == null || !form.isQuantized()) {
      throw new IllegalArgumentException("tensor " + name + " is not quantized: there is no " + name + SCALE);
    }
    return put(stored, form, beside(name, form.scale()),
        form.zeroPoint() == null ? null : beside(name, form.zeroPoint()));
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
  static QTensor put(StoredTensor stored, StoredForm form, StoredTensor scale, StoredTensor zero) {
    try {
      if (form.type().bits() == 8
          ? !stored.shape().equals(form.shape()) || !fits(stored.type(), form.type())
          : stored.type().bits() > 8) {
        throw new MalformedFileException(
            "expected " + form.type() + " " + form.shape() + ", got " + stored.type()
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
      float[] scales = scale.binary32();
      int[] zeros = zero == null ? new int[scales.length] : zero.ints();
      return QTensor.of(form.type(), form.shape(), quantization(form, scale.shape(), scales, zeros),
          stored.data());
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException("tensor " + stored.name() + ": " + e.getMessage(), e);
    }
  }

  private static boolean fits(StoredType stored, DataType type) {
    return stored.quantized().filter(type::equals).isPresent();
  }

  /** The granularity that the shape of the scales means. */
  private static Quantization quantization(StoredForm form, Shape shape, float[] scales, int[] zeros) {
    if (form.groupSize() > 0) {
      return Quantization.perGroup(form.axis(), form.groupSize(), scales, zeros);
    }
    if (form.axis() >= 0) {
      return Quantization.perChannel(form.axis(), scales, zeros);
    }
    if (scales.length == 1) {
      return Quantization.perTensor(scales[0], zeros[0]);
    }
    if (shape.rank() == 1) {
      return Quantization.perChannel(form.axes().output(), scales, zeros);
    }
    if (shape.rank() == form.shape().rank()) {
      int grouped = -1;
      for (int a = 0; a < shape.rank(); a++) {
        if (shape.dim(a) == scales.length && form.shape().dim(a) == scales.length) {
          return Quantization.perChannel(a, scales, zeros);
        }
        if (shape.dim(a) != form.shape().dim(a)) {
          grouped = grouped < 0 ? a : Integer.MAX_VALUE;
        }
      }
      if (grouped >= 0 && grouped < shape.rank() && shape.dim(grouped) > 0
          && form.shape().dim(grouped) % shape.dim(grouped) == 0) {
        return Quantization.perGroup(grouped, Math.toIntExact(form.shape().dim(grouped) / shape.dim(grouped)),
            scales,
            zeros);
      }
    }
    throw new MalformedFileException("scales: expected a shape that broadcasts to " + form.shape()
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
}

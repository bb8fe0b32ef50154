package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.quantize.file.QuantizationSummary.Entry;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Decides what becomes of every tensor of a file before a byte is written, and lays out the output. Nothing
 * is dropped: a tensor is quantized, carried over with its scales and zero points, or copied, and the reason
 * is kept.
 */
final class QuantizationPlan {
  private static final String WEIGHT = ".weight";
  private static final String INPUT = ".input";
  private static final String INPUT_RANGE = "the range of a layer's input";
  /** Of tensors beside a quantized weight, whose meaning is that weight's. */
  private static final Pattern OF_A_WEIGHT = Pattern
      .compile(".*(scales?|scale_inv|scale_\\d|offset|zero_points?|zeros|absmax|scb|bias|biases)");

  private final WeightFile in;
  /** The names of the input's tensors. */
  private final Set<String> given = new HashSet<>();
  private final Map<String, WeightForm> chosen = new LinkedHashMap<>();
  private final Map<String, QTensor> kept = new LinkedHashMap<>();
  private final List<StoredTensor> copied = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private final Map<String, StoredForm> forms = new LinkedHashMap<>();
  /** From a name in the output to what it is there. */
  private final Map<String, String> names = new HashMap<>();

  /**
   * Decides.
   *
   * @param in the input
   * @param choice which tensors of floats become what
   * @param extra further tensors of the output
   * @throws IllegalArgumentException if two tensors of the output would have the same name, or a tensor is of
   *         blocks
   * @throws MalformedFileException if a tensor that Octet quantized is damaged
   */
  QuantizationPlan(WeightFile in, WeightQuantizer.Choice choice, List<StoredTensor> extra) {
    this.in = in;
    refuseBlocks();
    in.tensors().forEach(tensor -> given.add(tensor.name()));
    Map<String, String> foreign = new HashMap<>();
    in.foreign().forEach(
        weights -> weights.tensors()
            .forEach(name -> foreign.put(name, "of " + weights.format() + " weights")));
    in.quantizedNames().stream().filter(name -> !foreign.containsKey(name))
        .forEach(name -> kept.put(name, in.quantized(name)));
    for (StoredTensor tensor : in.tensors()) {
      decide(tensor, foreign.get(tensor.name()), choice);
    }
    layOut(extra);
  }

  /** Safetensors has no such types: bytes under another name are of no use to any reader. */
  private void refuseBlocks() {
    List<String> blocks = in instanceof GgufWeights
        ? in.tensors().stream().filter(tensor -> tensor.type() == StoredType.OTHER)
            .map(StoredTensor::toString)
            .toList()
        : List.of();
    if (!blocks.isEmpty()) {
      throw new IllegalArgumentException("safetensors has no types of blocks, which " + Names.some(blocks)
          + " of the GGUF file have; quantize the file of F32, F16 or BF16 that it was made of, or write"
          + " GGUF");
    }
  }

  private void decide(StoredTensor tensor, String foreign, WeightQuantizer.Choice choice) {
    String name = tensor.name();
    if (foreign != null) {
      copy(tensor, foreign);
    } else if (kept.containsKey(name)) {
      entries.add(new Entry(name, Outcome.KEPT, QuantizationSummary.form(kept.get(name))));
    } else if (in.unreadable().containsKey(name)) {
      copy(tensor, "with scales that do not fit: " + in.unreadable().get(name));
    } else if (in.isParameter(name)) {
      entries.add(new Entry(name, Outcome.PARAMETER, "scales or zero points"));
    } else if (besideUnread(name)) {
      copy(tensor, "beside weights whose scales do not fit");
    } else if (in.unquantizable().containsKey(name)) {
      copy(tensor, in.unquantizable().get(name));
    } else if (isStray(name)) {
      copy(tensor, "named as the zero points of " + base(name, StoredQuantization.ZERO_POINT)
          + ", which has none");
    } else if (!tensor.type().isFloat()) {
      copy(tensor, "of type " + tensor.typeName());
    } else if (!in.isWeight(name)) {
      copy(tensor, "no weight of an op that is known");
    } else if (besideKept(name)) {
      copy(tensor, "beside quantized weights");
    } else {
      Optional<WeightForm> form = choice.of(tensor, in.axes(name));
      if (form.isPresent()) {
        chosen.put(name, form.get());
        entries.add(new Entry(name, Outcome.QUANTIZED,
            QuantizationSummary.form(form.get().type(), form.get().granularity(),
                form.get().groupSize()) + read(name)));
      } else {
        copy(tensor, tensor.shape().rank() < 2 ? "of fewer than two dimensions" : "not chosen");
      }
    }
  }

  private void copy(StoredTensor tensor, String reason) {
    copied.add(tensor);
    entries.add(new Entry(tensor.name(), Outcome.COPIED, reason));
  }

  /** Such as {@code NAME_zero_point} of a tensor NAME that is not quantized, or has no zero points. */
  private boolean isStray(String name) {
    return name.endsWith(StoredQuantization.ZERO_POINT)
        && given.contains(base(name, StoredQuantization.ZERO_POINT));
  }

  private static String base(String name, String ending) {
    return name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : name;
  }

  /** Such as {@code l.input_scale} of a kept {@code l.weight}. */
  private boolean besideKept(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 && kept.containsKey(name.substring(0, dot) + WEIGHT)
        && OF_A_WEIGHT.matcher(name.substring(dot + 1)).matches();
  }

  /** Such as {@code NAME_scale} of integers NAME with which it does not fit together. */
  private boolean besideUnread(String name) {
    return ForeignForms.PARAMETERS.stream().anyMatch(ending -> name.endsWith(ending)
        && in.unreadable().containsKey(name.substring(0, name.length() - ending.length())));
  }

  private void layOut(List<StoredTensor> extra) {
    kept.forEach((name, tensor) -> {
      Quantization q = tensor.quantization();
      announce(name, tensor.type(), tensor.shape(), q.axis(), q.groupSize(), !q.isSymmetric());
    });
    chosen.forEach((name, form) -> announce(name, form.type(), in.tensor(name).shape(), form.axis(),
        form.groupSize(), !form.symmetric()));
    // Scales and zero points of the input that have other names there, or another weight's too.
    for (Entry entry : entries) {
      String name = entry.tensor();
      if (entry.outcome() == Outcome.PARAMETER && !names.containsKey(name)) {
        copied.add(in.tensor(name));
      } else if (entry.outcome() == Outcome.PARAMETER && !isCarried(in.tensor(name))) {
        throw clash(name, names.get(name), "scales or zero points of another weight of the model");
      }
    }
    for (StoredTensor tensor : copied) {
      WeightAxes axes = in.axes(tensor.name());
      if (tensor.type().fitsSafetensors(tensor.shape())) {
        add(Slot.of(tensor), "a tensor of the model");
      } else {
        add(new Slot(tensor.name(), StoredType.U8, Shape.of(tensor.data().byteSize())),
            "a tensor of the model");
        forms.put(tensor.name(), StoredForm.bytes(tensor.type(), tensor.shape(), axes));
      }
      if (tensor.type().isFloat()
          && !axes.equals(WeightAxes.named(tensor.name(), 0, tensor.shape().rank()))) {
        forms.put(tensor.name(), StoredForm.plain(tensor.shape(), axes));
      }
    }
    extra.forEach(tensor -> add(new Slot(tensor.name(), tensor.type(), tensor.shape()), INPUT_RANGE));
    refuseStrays();
  }

  /** Whether scales or zero points are those that a weight which is kept has under the same name. */
  private boolean isCarried(StoredTensor parameter) {
    String name = parameter.name();
    boolean scale = name.endsWith(StoredQuantization.SCALE);
    String ending = scale ? StoredQuantization.SCALE : StoredQuantization.ZERO_POINT;
    QTensor weight = kept.get(base(name, ending));
    if (weight == null || in.format().equals("ModelSlim")) { // whose names say which weight is meant
      return weight != null;
    }
    Quantization q = weight.quantization();
    return scale
        ? parameter.type().isFloat() && Arrays.equals(q.scales(), parameter.floats())
        : parameter.type().isInteger() && parameter.shape().elements() == q.count()
            && IntStream.range(0, q.count()).allMatch(i -> q.zeroPoint(i) == parameter.integer(i));
  }

  private void announce(String name, DataType type, Shape shape, int axis, int groupSize,
      boolean zeroPoints) {
    add(new Slot(name, StoredQuantization.storedType(type), StoredQuantization.storedShape(type, shape)),
        "a weight");
    Shape scales = StoredQuantization.scaleShape(shape, axis, groupSize);
    add(new Slot(name + StoredQuantization.SCALE, StoredType.F32, scales), "the scales of " + name);
    if (zeroPoints) {
      add(new Slot(name + StoredQuantization.ZERO_POINT, StoredQuantization.zeroPointType(type), scales),
          "the zero points of " + name);
    }
    forms.put(name, new StoredForm(type, shape, axis, groupSize, in.axes(name),
        name + StoredQuantization.SCALE, zeroPoints ? name + StoredQuantization.ZERO_POINT : null));
  }

  private void add(Slot slot, String what) {
    String before = names.put(slot.name(), what);
    if (before != null) {
      throw clash(slot.name(), before, what);
    }
    slots.add(slot);
  }

  /**
   * Zero points that the model has of its own beside a weight that gets none: other readers, which go by
   * names, would subtract them.
   */
  private void refuseStrays() {
    chosen.forEach((name, form) -> {
      String stray = name + StoredQuantization.ZERO_POINT;
      if (form.symmetric() && names.containsKey(stray)) {
        throw clash(stray, "the zero points of " + name, names.get(stray));
      }
    });
  }

  private IllegalArgumentException clash(String name, String first, String second) {
    String layer = name;
    for (String ending : List.of(StoredQuantization.SCALE, StoredQuantization.ZERO_POINT, INPUT)) {
      layer = base(layer, ending);
    }
    String weight = Stream.of(layer + WEIGHT, layer).filter(kept::containsKey).findFirst().orElse(null);
    if (second.equals(INPUT_RANGE) && weight != null) {
      return new IllegalArgumentException("tensor " + name + ": the file has it already: " + weight
          + " is quantized, with a fixed scale of its input; quantize the file that this one was made from");
    }
    // What is quantized already comes with its scales, excluded or not.
    return new IllegalArgumentException("tensor " + name + ": " + first + " and " + second
        + " would have this name in the output; " + (kept.containsKey(layer)
            ? "rename the tensor in the model: " + layer + " is quantized already, and keeps its scales"
            : SchemeChoice.exclusion(layer)));
  }

  /** How a weight was read, where that is not what its file says. */
  private String read(String name) {
    return in instanceof OutputsLast file && file.isNamed(name) ? " (outputs last)" : "";
  }

  /** What is to be quantized, and how. */
  Map<String, WeightForm> chosen() {
    return chosen;
  }

  /** What is quantized already. */
  Map<String, QTensor> kept() {
    return kept;
  }

  /** What is copied byte by byte. */
  List<StoredTensor> copied() {
    return copied;
  }

  /** All tensors of the output. */
  List<Slot> slots() {
    return slots;
  }

  /**
   * What the output says of weights that are not read: those of the input, and integers whose scales by name
   * are copied beside them. The input has other scales for them, or none that fit; without this word they
   * would be read as weights in the output.
   */
  List<ForeignWeights> foreign() {
    Set<String> said = new HashSet<>();
    in.foreign().forEach(weights -> said.addAll(weights.tensors()));
    Set<String> left = new HashSet<>();
    copied.forEach(tensor -> left.add(tensor.name()));
    left.removeAll(said);
    List<ForeignWeights> all = new ArrayList<>(in.foreign());
    for (StoredTensor tensor : copied) {
      String name = tensor.name();
      boolean integers = tensor.type().quantized().isPresent()
          || !tensor.type().fitsSafetensors(tensor.shape());
      List<String> scales = ForeignForms.scaleNames(name).stream().filter(left::contains).toList();
      if (integers && left.contains(name) && !scales.isEmpty()) {
        Stream<String> beside = ForeignForms.PARAMETERS.stream().map(ending -> name + ending);
        List<String> whole = Stream.of(Stream.of(name), scales.stream(), beside).flatMap(part -> part)
            .distinct().filter(left::contains).toList();
        left.removeAll(whole);
        all.add(new ForeignWeights("an unread form", name, whole));
      }
    }
    return List.copyOf(all);
  }

  /** What the output says of its tensors. */
  Map<String, StoredForm> forms() {
    return forms;
  }

  /**
   * What became of the tensors.
   *
   * @param vanished as {@link QuantizationSummary#vanished} has it
   */
  QuantizationSummary summary(Map<String, Integer> vanished) {
    return new QuantizationSummary(entries, vanished);
  }
}

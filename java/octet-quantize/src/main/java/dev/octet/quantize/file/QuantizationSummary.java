package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization.Granularity;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Says what became of each tensor of a file that was quantized: every tensor of the input is in it once.
 *
 * @param entries one for each tensor of the input, in its order
 * @param vanished from a quantized tensor to how many of its scales have numbers under them that are not 0,
 *        and so small that a scale for them would be 0 in binary32: they became 0
 */
public record QuantizationSummary(List<Entry> entries, Map<String, Integer> vanished) {
  /** Tells what became of a tensor. */
  public enum Outcome {
    /** Its floats were quantized. */
    QUANTIZED,
    /** It was quantized already, and is carried over with its scales and zero points. */
    KEPT,
    /** It is the scales or zero points of a tensor that was quantized already. */
    PARAMETER,
    /** Its bytes were copied. */
    COPIED
  }

  /**
   * Tells what became of one tensor of the input.
   *
   * @param tensor its name
   * @param outcome what became of it
   * @param what the form, such as {@code S4 per group of 32}, of what is quantized; of what was copied, why
   */
  public record Entry(String tensor, Outcome outcome, String what) {}

  /**
   * Returns the form of a quantized tensor as {@link Entry#what} has it.
   *
   * @param tensor the tensor
   * @return such as {@code S4 per group of 32}
   */
  public static String form(QTensor tensor) {
    return form(tensor.type(), tensor.quantization().granularity(), tensor.quantization().groupSize());
  }

  static String form(DataType type, Granularity granularity, int groupSize) {
    return type + switch (granularity) {
      case PER_TENSOR -> " per tensor";
      case PER_CHANNEL -> " per channel";
      case PER_GROUP -> " per group of " + groupSize;
    };
  }

  /** Copies the list and the map. */
  public QuantizationSummary {
    entries = List.copyOf(entries);
    vanished = Collections.unmodifiableMap(new LinkedHashMap<>(vanished));
  }

  /**
   * Returns the names of tensors with an outcome.
   *
   * @param outcome the outcome
   * @return names in the order of the file
   */
  public List<String> names(Outcome outcome) {
    Objects.requireNonNull(outcome, "outcome");
    return entries.stream().filter(entry -> entry.outcome == outcome).map(Entry::tensor).toList();
  }

  /**
   * Counts tensors with an outcome by their forms or reasons.
   *
   * @param outcome the outcome
   * @return from form or reason to how many tensors, in the order of the file
   */
  public Map<String, Long> counts(Outcome outcome) {
    Objects.requireNonNull(outcome, "outcome");
    return entries.stream().filter(entry -> entry.outcome == outcome)
        .collect(Collectors.groupingBy(Entry::what, LinkedHashMap::new, Collectors.counting()));
  }

  /**
   * Returns the counts of an outcome as text.
   *
   * @param outcome the outcome
   * @return such as {@code 9 S4 per group of 32, 38 S8 per channel}; empty where there is none
   */
  public String text(Outcome outcome) {
    Objects.requireNonNull(outcome, "outcome");
    return counts(outcome).entrySet().stream().map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }
}

package dev.octet.quantize;

import dev.octet.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Selects which layers are quantized, and how: one scheme for all layers, and exceptions by name. Immutable.
 *
 * {@snippet :
 * QuantizationScheme scheme = QuantizationScheme.int8Static()
 *     .exclude("classifier", "*.embedding")
 *     .override("encoder.*.ffn", LayerScheme.weightsOnly(WeightScheme.perGroup(S4, 32, true)));
 * scheme.layer("classifier"); // empty: stays FP32
 * }
 *
 * <p>
 * Names are matched by {@link Glob}s. What was said last about a name holds; once something is included,
 * names that nothing matches stay FP32.
 */
public final class QuantizationScheme {
  /** What is said about the names that a glob matches; no layer scheme: they stay FP32. */
  private record Rule(Glob glob, Optional<LayerScheme> layer) {}

  private final LayerScheme layers;
  private final boolean includedOnly;
  private final List<Rule> rules;
  private final Map<String, String> otherNames;

  private QuantizationScheme(LayerScheme layers, boolean includedOnly, List<Rule> rules,
      Map<String, String> otherNames) {
    this.layers = Objects.requireNonNull(layers, "layers");
    this.includedOnly = includedOnly;
    this.rules = List.copyOf(rules);
    this.otherNames = Map.copyOf(otherNames);
  }

  /**
   * Returns a scheme that is the same for all layers.
   *
   * @param layers what each layer gets
   * @return the scheme
   */
  public static QuantizationScheme of(LayerScheme layers) {
    return new QuantizationScheme(layers, false, List.of(), Map.of());
  }

  /**
   * Returns the scheme W8A8, static: symmetric S8 weights per channel, U8 inputs with one scale and zero
   * point from calibration.
   *
   * @return the scheme
   */
  public static QuantizationScheme int8Static() {
    return of(LayerScheme.of(WeightScheme.perChannel(DataType.S8, true),
        ActivationScheme.staticPerTensor(DataType.U8, false)));
  }

  /**
   * Returns the scheme W8A8, dynamic: symmetric S8 weights per channel, each row of the input quantized by
   * its own range. Needs no calibration.
   *
   * @return the scheme
   */
  public static QuantizationScheme int8Dynamic() {
    return of(LayerScheme.of(WeightScheme.perChannel(DataType.S8, true),
        ActivationScheme.dynamicPerToken()));
  }

  /**
   * Returns the scheme W8A32: symmetric S8 weights per channel, FP32 inputs.
   *
   * @return the scheme
   */
  public static QuantizationScheme int8WeightOnly() {
    return of(LayerScheme.weightsOnly(WeightScheme.perChannel(DataType.S8, true)));
  }

  /**
   * Returns the scheme W4A32: symmetric S4 weights in groups of 32, FP32 inputs.
   *
   * @return the scheme
   */
  public static QuantizationScheme int4WeightOnly() {
    return of(LayerScheme.weightsOnly(WeightScheme.perGroup(DataType.S4, 32, true)));
  }

  /**
   * Returns the scheme W4A8, dynamic: symmetric S4 weights in groups of 32, each group of each input row
   * quantized by its own range. Needs no calibration.
   *
   * @return the scheme
   */
  public static QuantizationScheme int4Dynamic() {
    return of(LayerScheme.of(WeightScheme.perGroup(DataType.S4, 32, true),
        ActivationScheme.dynamicPerTokenAndGroup()));
  }

  /**
   * Returns the scheme W4A8, static: symmetric S4 weights per channel, U8 inputs with one scale and zero
   * point from calibration.
   *
   * @return the scheme
   */
  public static QuantizationScheme int4Static() {
    return of(LayerScheme.of(WeightScheme.perChannel(DataType.S4, true),
        ActivationScheme.staticPerTensor(DataType.U8, false)));
  }

  /**
   * Adds layers to be quantized; layers that no rule names stay FP32 from then on.
   *
   * @param globs names
   * @return a scheme with this added
   */
  public QuantizationScheme include(String... globs) {
    Objects.requireNonNull(globs, "globs");
    return with(true, Optional.of(layers), globs);
  }

  /**
   * Adds layers that stay FP32.
   *
   * @param globs names
   * @return a scheme with this added
   */
  public QuantizationScheme exclude(String... globs) {
    Objects.requireNonNull(globs, "globs");
    return with(includedOnly, Optional.empty(), globs);
  }

  /**
   * Adds layers that get another scheme.
   *
   * @param glob names
   * @param layer what they get
   * @return a scheme with this added
   */
  public QuantizationScheme override(String glob, LayerScheme layer) {
    Objects.requireNonNull(glob, "glob");
    Objects.requireNonNull(layer, "layer");
    return with(includedOnly, Optional.of(layer), glob);
  }

  /**
   * Gives layers a second name: rules match either name, and the last rule that matches one holds.
   *
   * @param names from names of layers to the other ones, without {@code .weight}
   * @return a scheme with these names, and no others
   */
  public QuantizationScheme withOtherNames(Map<String, String> names) {
    Objects.requireNonNull(names, "names");
    return new QuantizationScheme(layers, includedOnly, rules, names);
  }

  private QuantizationScheme with(boolean nowIncludedOnly, Optional<LayerScheme> layer, String... globs) {
    List<Rule> more = new ArrayList<>(rules);
    for (String glob : globs) {
      more.add(new Rule(Glob.of(glob), layer));
    }
    return new QuantizationScheme(layers, nowIncludedOnly, more, otherNames);
  }

  /**
   * Returns the scheme of a layer.
   *
   * @param name the name of the layer
   * @return its scheme; empty: it stays FP32
   */
  public Optional<LayerScheme> layer(String name) {
    Objects.requireNonNull(name, "name");
    String other = otherNames.getOrDefault(name, name);
    for (int i = rules.size() - 1; i >= 0; i--) {
      Glob glob = rules.get(i).glob();
      if (glob.matches(name) || glob.matches(other)) {
        return rules.get(i).layer();
      }
    }
    return includedOnly ? Optional.empty() : Optional.of(layers);
  }

  /** Returns the scheme of all layers, then the exceptions in the order in which they were added. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(layers.toString());
    if (includedOnly) {
      text.append("; layers that nothing names F32");
    }
    for (Rule rule : rules) {
      text.append("; ").append(rule.glob()).append(": ")
          .append(rule.layer().map(LayerScheme::toString).orElse("F32"));
    }
    return text.toString();
  }
}

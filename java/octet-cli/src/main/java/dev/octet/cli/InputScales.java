package dev.octet.cli;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.quantize.ActivationScheme;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.LayerScheme;
import dev.octet.quantize.Observer;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.LayerInputs;
import dev.octet.quantize.file.QuantizationSummary;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import dev.octet.quantize.file.SchemeChoice;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.StoredType;
import dev.octet.quantize.file.WeightAxes;
import dev.octet.quantize.file.WeightFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Fixed scales of activations, from recorded inputs of layers.
 *
 * @param tensors {@code LAYER.input_scale} and {@code LAYER.input_zero_point} of each layer that has them
 * @param missing the quantized weights of which nothing was recorded
 * @param zeros the layers of which nothing but zeros was recorded: their scale is 1
 * @param warnings what the observers warn of
 */
record InputScales(List<StoredTensor> tensors, List<String> missing, List<String> zeros,
    List<String> warnings) {
  /** Of a scheme without fixed scales. */
  static final InputScales NONE = new InputScales(List.of(), List.of(), List.of(), List.of());

  /**
   * Observes the recorded inputs of all quantized layers that a scheme gives fixed scales. A layer whose
   * weight is copied gets none: it has no integers to be multiplied with.
   *
   * @param inputs the inputs
   * @param file the model
   * @param plan what becomes of the tensors of the model
   * @param scheme which layers, and what their inputs become
   * @param method how their ranges are found
   * @return the scales
   * @throws IllegalArgumentException if rows have another number of features than the layer's weights
   */
  static InputScales of(LayerInputs inputs, WeightFile file, QuantizationSummary plan,
      QuantizationScheme scheme, CalibrationMethod method) {
    List<String> missing = plan.names(Outcome.QUANTIZED).stream()
        .filter(weight -> inputs.layer(weight).isEmpty()).toList();
    InputScales scales = new InputScales(new ArrayList<>(), missing, new ArrayList<>(), new ArrayList<>());
    Set<String> kept = new HashSet<>(plan.names(Outcome.KEPT));
    for (QuantizationSummary.Entry entry : plan.entries()) {
      String weight = entry.tensor();
      boolean quantized = entry.outcome() == Outcome.QUANTIZED || kept.contains(weight);
      Optional<String> recorded = quantized ? inputs.layer(weight) : Optional.empty();
      Optional<ActivationScheme> activations = scheme.layer(SchemeChoice.layer(weight))
          .flatMap(LayerScheme::activations);
      if (recorded.isPresent() && activations.isPresent()) {
        Shape shape = kept.contains(weight) ? file.quantized(weight).shape() : file.tensor(weight).shape();
        OptionalInt features = features(file.axes(weight), shape);
        scales.add(SchemeChoice.layer(weight), features.isPresent()
            ? inputs.recorded().observe(recorded.get(), features.getAsInt(), method)
            : inputs.recorded().observe(recorded.get(), method), activations.get());
      }
    }
    return scales;
  }

  private void add(String layer, Observer observer, ActivationScheme input) {
    warnings.addAll(observer.warnings());
    if (observer.sawOnlyZeros()) {
      zeros.add(layer);
    }
    Quantization quantization = observer.quantization(input.type(), input.symmetric());
    ByteBuffer scale = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0,
        quantization.scale(0));
    tensors.add(new StoredTensor(layer + ".input_scale", StoredType.F32, Shape.of(1),
        MemorySegment.ofBuffer(scale)));
    tensors.add(new StoredTensor(layer + ".input_zero_point",
        input.type() == DataType.U8 ? StoredType.U8 : StoredType.I8, Shape.of(1),
        MemorySegment.ofArray(new byte[]{(byte) quantization.zeroPoint(0)})));
  }

  /** How many features the op takes, where the axes of its weight tell: those of convolutions do not. */
  private static OptionalInt features(WeightAxes axes, Shape shape) {
    return axes.input() == WeightAxes.NONE
        ? OptionalInt.empty()
        : OptionalInt.of(shape.intDim(axes.input()));
  }
}

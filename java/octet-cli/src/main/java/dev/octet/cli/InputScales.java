package dev.octet.cli;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.quantize.ActivationScheme;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.LayerScheme;
import dev.octet.quantize.Observer;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.RecordedInputs;
import dev.octet.quantize.file.SchemeChoice;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.StoredType;
import dev.octet.quantize.file.WeightAxes;
import dev.octet.quantize.file.WeightFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Fixed scales of activations, from recorded inputs of layers. */
final class InputScales {
  private InputScales() {}

  /**
   * Observes the recorded inputs of all layers that a scheme gives fixed scales.
   *
   * @param recorded the inputs
   * @param file the model, which others may be recorded beside
   * @param scheme which layers, and what their inputs become
   * @param method how their ranges are found
   * @param warnings takes what the observers warn of
   * @return {@code LAYER.input_scale} and {@code LAYER.input_zero_point} of each
   * @throws IllegalArgumentException if rows have another number of features than the layer's weights
   */
  static List<StoredTensor> of(RecordedInputs recorded, WeightFile file, QuantizationScheme scheme,
      CalibrationMethod method, List<String> warnings) {
    Map<String, OptionalInt> layers = new HashMap<>();
    for (StoredTensor tensor : file.tensors()) {
      String layer = SchemeChoice.layer(tensor.name());
      if (recorded.layers().contains(layer)) {
        layers.merge(layer, features(file, tensor), (one, other) -> one.isPresent() ? one : other);
      }
    }
    List<StoredTensor> result = new ArrayList<>();
    for (String layer : recorded.layers()) {
      Optional<ActivationScheme> activations = scheme.layer(layer).flatMap(LayerScheme::activations);
      if (activations.isEmpty() || !layers.containsKey(layer)) {
        continue;
      }
      ActivationScheme input = activations.get();
      OptionalInt features = layers.get(layer);
      Observer observer = features.isPresent()
          ? recorded.observe(layer, features.getAsInt(), method)
          : recorded.observe(layer, method);
      warnings.addAll(observer.warnings());
      Quantization quantization = observer.quantization(input.type(), input.symmetric());
      ByteBuffer scale = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0,
          quantization.scale(0));
      result.add(new StoredTensor(layer + ".input_scale", StoredType.F32, Shape.of(1),
          MemorySegment.ofBuffer(scale)));
      result.add(new StoredTensor(layer + ".input_zero_point",
          input.type() == DataType.U8 ? StoredType.U8 : StoredType.I8, Shape.of(1),
          MemorySegment.ofArray(new byte[]{(byte) quantization.zeroPoint(0)})));
    }
    return result;
  }

  /** How many features the op takes, where the axes of its weight tell: those of convolutions do not. */
  private static OptionalInt features(WeightFile file, StoredTensor tensor) {
    int axis = file.axes(tensor.name()).input();
    return axis == WeightAxes.NONE ? OptionalInt.empty() : OptionalInt.of(tensor.shape().intDim(axis));
  }

  /**
   * The quantized layers that get no fixed scale, since nothing was recorded of them.
   *
   * @param recorded the inputs
   * @param quantized names of weights
   * @return those of {@code quantized} without recorded inputs
   */
  static List<String> missing(RecordedInputs recorded, List<String> quantized) {
    return quantized.stream().filter(name -> !recorded.layers().contains(SchemeChoice.layer(name))).toList();
  }
}

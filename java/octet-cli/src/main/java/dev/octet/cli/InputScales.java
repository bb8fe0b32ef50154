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
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.StoredType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Fixed scales of activations, from recorded inputs of layers. */
final class InputScales {
  private InputScales() {}

  /**
   * Observes the recorded inputs of all layers that a scheme gives fixed scales.
   *
   * @param recorded the inputs
   * @param layers of the model, which others may be recorded beside
   * @param scheme which layers, and what their inputs become
   * @param method how their ranges are found
   * @param warnings takes what the observers warn of
   * @return {@code LAYER.input_scale} and {@code LAYER.input_zero_point} of each
   */
  static List<StoredTensor> of(RecordedInputs recorded, Set<String> layers, QuantizationScheme scheme,
      CalibrationMethod method, List<String> warnings) {
    List<StoredTensor> result = new ArrayList<>();
    for (String layer : recorded.layers()) {
      Optional<ActivationScheme> activations = scheme.layer(layer).flatMap(LayerScheme::activations);
      if (activations.isEmpty() || !layers.contains(layer)) {
        continue;
      }
      ActivationScheme input = activations.get();
      Observer observer = recorded.observe(layer, method);
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
}

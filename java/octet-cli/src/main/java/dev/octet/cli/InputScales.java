package dev.octet.cli;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.quantize.ActivationScheme;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.LayerScheme;
import dev.octet.quantize.Observer;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.StoredType;
import dev.octet.quantize.file.WeightFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Fixed scales of activations, from inputs of layers that were recorded into safetensors files. */
final class InputScales {
  private static final String INPUT = ".input";
  private static final int PART = 1 << 20;

  private InputScales() {}

  /**
   * Observes the recorded inputs of all layers that a scheme gives fixed scales.
   *
   * @param path a file, or a folder of them
   * @param model whose layers they are
   * @param scheme which layers, and what their inputs become
   * @return {@code LAYER.input_scale} and {@code LAYER.input_zero_point} of each
   */
  static List<StoredTensor> of(Path path, WeightFile model, QuantizationScheme scheme) {
    Map<String, Observer> observers = new LinkedHashMap<>();
    Map<String, ActivationScheme> schemes = new LinkedHashMap<>();
    for (Path part : files(path)) {
      try (WeightFile file = WeightFile.open(part)) {
        for (StoredTensor tensor : file.tensors()) {
          if (tensor.name().endsWith(INPUT) && tensor.type().isFloat()) {
            String layer = tensor.name().substring(0, tensor.name().length() - INPUT.length());
            Optional<ActivationScheme> input = scheme.layer(layer).flatMap(LayerScheme::activations);
            if (input.isPresent()) {
              schemes.put(layer, input.get());
              observe(observers.computeIfAbsent(layer,
                  name -> Observer.perTensor(name + INPUT, CalibrationMethod.minMax())), tensor);
            }
          }
        }
      }
    }
    boolean known = model.tensors().stream()
        .anyMatch(tensor -> tensor.name().endsWith(".weight")
            && observers
                .containsKey(tensor.name().substring(0, tensor.name().length() - ".weight".length())));
    if (!known) {
      throw new IllegalArgumentException("--calibration: " + path
          + " has no tensor LAYER.input of a layer of the model that is to be quantized");
    }
    List<StoredTensor> result = new ArrayList<>();
    observers.forEach((layer, observer) -> {
      ActivationScheme input = schemes.get(layer);
      Quantization quantization = observer.quantization(input.type(), input.symmetric());
      ByteBuffer scale = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0,
          quantization.scale(0));
      result.add(new StoredTensor(layer + ".input_scale", StoredType.F32, Shape.of(1),
          MemorySegment.ofBuffer(scale)));
      result.add(new StoredTensor(layer + ".input_zero_point",
          input.type() == DataType.U8 ? StoredType.U8 : StoredType.I8, Shape.of(1),
          MemorySegment.ofArray(new byte[]{(byte) quantization.zeroPoint(0)})));
    });
    return result;
  }

  private static void observe(Observer observer, StoredTensor tensor) {
    float[] part = new float[(int) Math.min(PART, tensor.shape().elements())];
    for (long first = 0; first < tensor.shape().elements(); first += part.length) {
      int count = (int) Math.min(part.length, tensor.shape().elements() - first);
      tensor.floats(first, part, 0, count);
      observer.observe(count == part.length ? part : java.util.Arrays.copyOf(part, count));
    }
  }

  private static List<Path> files(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.filter(file -> file.getFileName().toString().endsWith(".safetensors")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e, e);
    }
  }
}

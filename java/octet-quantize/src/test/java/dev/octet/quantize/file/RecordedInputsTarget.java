package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Gptq;
import dev.octet.quantize.InputMoments;
import dev.octet.quantize.Observer;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Recorded inputs of a model of two layers that is always the same. */
final class RecordedInputsTarget implements FuzzTarget {
  private static final int FEATURES = 8;
  private static final List<CalibrationMethod> METHODS = List.of(CalibrationMethod.movingAverage(),
      CalibrationMethod.percentile(99), CalibrationMethod.meanSquaredError());

  @Override
  public List<byte[]> seeds(Path folder) throws IOException {
    Path path = folder.resolve("seed.safetensors");
    byte[] two = Files.readAllBytes(new TensorFiles().with("l.input", StoredType.F32, 3, FEATURES)
        .with("m.input", StoredType.BF16, 2, 2, FEATURES).write(path));
    byte[] odd = Files.readAllBytes(new TensorFiles().with("l.input", StoredType.F16, FEATURES)
        .with("m.input", StoredType.F64, 0, FEATURES).with("n.input", StoredType.F32)
        .with("o.input", StoredType.I8, 2).write(path));
    return List.of(two, odd);
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Path model = folder.resolve("model.safetensors");
    if (!Files.exists(model)) {
      new TensorFiles().with("l.weight", StoredType.F32, 4, FEATURES)
          .with("m.weight", StoredType.BF16, 3, FEATURES).write(model);
    }
    Path out = folder.resolve("out.safetensors");
    Path path = Files.write(folder.resolve("inputs.safetensors"), input);
    try (RecordedInputs recorded = RecordedInputs.open(path); WeightFile file = WeightFile.open(model)) {
      recorded.layers().forEach(layer -> METHODS.forEach(method -> watch(recorded, layer, method)));
      quantize(file, recorded, out);
    } catch (MalformedFileException e) {
      Fuzzing.refusal(e, MalformedFileException.class);
    }
  }

  private static void watch(RecordedInputs recorded, String layer, CalibrationMethod method) {
    try {
      Observer observer = recorded.observe(layer, method);
      observer.quantization(DataType.U8, false);
      InputMoments moments = recorded.moments(layer, FEATURES, true);
      moments.mean();
      moments.absmax();
    } catch (IllegalArgumentException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class);
    }
  }

  private static void quantize(WeightFile file, RecordedInputs recorded, Path out) {
    try {
      WeightQuantizer.quantize(file, out, new SchemeChoice(QuantizationScheme.int4Dynamic()),
          new GptqRounding(file, recorded, Gptq.DAMPING), List.of(), Map.of(), (name, done, total) -> {
          });
    } catch (IllegalArgumentException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class);
      return;
    }
    try (WeightFile after = WeightFile.open(out)) {
      WholeFile.read(after);
    }
  }
}

package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.quantize.file.FileComparison;
import dev.octet.quantize.file.ForeignTensor;
import dev.octet.quantize.file.ForeignWeights;
import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.GgufQuantizer;
import dev.octet.quantize.file.GgufType;
import dev.octet.quantize.file.GgufValue;
import dev.octet.quantize.file.GgufWriter;
import dev.octet.quantize.file.GptqRounding;
import dev.octet.quantize.file.LayerInputs;
import dev.octet.quantize.file.ModelSlimFile;
import dev.octet.quantize.file.OnnxFile;
import dev.octet.quantize.file.OutputFile;
import dev.octet.quantize.file.QuantizationSummary;
import dev.octet.quantize.file.RecordedInputs;
import dev.octet.quantize.file.SafetensorsFile;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.SchemeChoice;
import dev.octet.quantize.file.ShardedSafetensors;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.StoredType;
import dev.octet.quantize.file.WeightAxes;
import dev.octet.quantize.file.WeightFile;
import dev.octet.quantize.file.WeightForm;
import dev.octet.quantize.file.WeightQuantizer;
import dev.octet.quantize.report.HtmlReport;
import dev.octet.quantize.train.FakeQuantizer;
import dev.octet.quantize.train.FoldedBatchNorm;
import dev.octet.testing.NullArguments;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Null for each argument of the public API: refused, and the message has the argument's name. */
class NullArgumentsTest {
  private static final Shape MATRIX = Shape.of(2, 2);
  /** A layer without a bias. */
  private static final Set<String> NULLABLE = Set.of("Linear.of.bias", "Linear.with.newBias");

  @TempDir
  Path folder;
  private final Map<Class<?>, Object> usable = new HashMap<>();

  @Test
  void theMessageNamesTheArgument() {
    Linear linear = Linear.of("a", new float[]{1, 2, 3, 4}, MATRIX, WeightLayout.OUT_IN, null);
    Model model = Model.of(List.of(linear), (input, net) -> net.run("a", input));
    Calibration calibration = Calibration.withProducts(model, CalibrationMethod.minMax());
    calibration.observe(new float[]{1, 2});
    QuantizationScheme scheme = QuantizationScheme.int8Dynamic();
    QuantizedModel quantized = PostTraining.of(model, scheme).quantize();
    Observer observer = Observer.perTensor("t", CalibrationMethod.minMax());
    observer.observe(1, 2);
    InputMoments moments = new InputMoments("t", 2, true);
    moments.observe(new float[]{1, 2});
    Path path = folder.resolve("a.safetensors");
    SafetensorsWriter.Slot slot = new SafetensorsWriter.Slot("a.weight", StoredType.F32, MATRIX);
    try (SafetensorsWriter writer = new SafetensorsWriter(path, List.of(slot), Map.of())) {
      writer.write("a.weight", MemorySegment.ofArray(new byte[16]));
      writer.commit();
    }
    Path blocks = folder.resolve("a.gguf");
    try (GgufWriter writer = new GgufWriter(blocks,
        List.of(new GgufWriter.Slot("a.weight", GgufType.Q4_0, Shape.of(2, 32))),
        Map.of("a", GgufValue.of("b")))) {
      writer.write("a.weight", MemorySegment.ofArray(new byte[36]));
      writer.commit();
    }
    WeightForm form = new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, 0, 0);
    WeightQuantizer.Choice choice = (tensor, axes) -> Optional.of(form);
    WeightQuantizer.Progress progress = (tensor, done, total) -> {
    };
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).threads(1).open();
        WeightFile file = WeightFile.open(path);
        WeightFile blockFile = WeightFile.open(blocks);
        GgufFile ggufFile = GgufFile.open(blocks);
        RecordedInputs inputs = RecordedInputs.open(path);
        SafetensorsWriter writer = new SafetensorsWriter(folder.resolve("b"), List.of(slot), Map.of());
        OutputFile output = OutputFile.create(folder.resolve("c"));
        GgufWriter gguf = new GgufWriter(folder.resolve("d"), List.of(), Map.of())) {
      StoredTensor stored = file.tensor("a.weight");
      QuantizationReport report = QuantizationReport.measure(quantized, octet, List.of(new float[]{1, 2}), 1);
      Sensitivity sensitivity = Sensitivity.measure(quantized, octet, List.of(new float[]{1, 2}), 1);
      FakeQuantizer fake = FakeQuantizer.symmetric(DataType.S8).perChannel(MATRIX, 0);
      FoldedBatchNorm norm = FoldedBatchNorm.of(MATRIX, 0, 1e-5f, 0.1f);
      List<Object> targets = List.of(linear, model, calibration, scheme, quantized, observer, moments, file,
          inputs, writer, output, stored, report, sensitivity, fake, norm, gguf, blockFile, ggufFile,
          ggufFile.metadata("a"), ggufFile.tensor("a.weight"), new AccuracyMeter(2, 1),
          PostTraining.of(model, scheme), Gptq.of(moments, 0.01), new SchemeChoice(scheme),
          new GptqRounding(file, inputs, 0.01), LayerInputs.of(file, inputs),
          new QuantizationSummary(List.of(), Map.of()), form);
      for (Object value : List.of(linear, model, calibration, scheme, quantized, observer, moments, inputs,
          stored, report, form, octet, slot, MATRIX, path, DataType.S8,
          new ForeignWeights("GPTQ", "a", List.of()), GgufValue.Type.STRING, GgufType.F32,
          BlockFormat.Q4_0,
          WeightLayout.OUT_IN,
          Granularity.PER_CHANNEL, Quantization.perTensor(1), StoredType.F32, WeightAxes.of(0, 2),
          quantized.layers().getFirst(), scheme.layer("a").orElseThrow(), "a", 1, 1L, 1f, 0.01, true,
          new float[]{1, 2}, new double[]{1, 2}, new int[]{1, 2}, new long[]{1, 2}, new byte[4],
          new Linear[]{linear}, new String[]{"a"}, List.of(), Map.of(), Optional.empty(), report.output(),
          PostTraining.Weights.NEAREST, QuantizationSummary.Outcome.COPIED, ActivationScheme.When.DYNAMIC)) {
        usable.put(primitive(value.getClass()), value);
      }
      usable.put(CalibrationMethod.class, CalibrationMethod.minMax());
      usable.put(WeightScheme.class, WeightScheme.perChannel(DataType.S8, true));
      usable.put(ActivationScheme.class, ActivationScheme.dynamicPerToken());
      usable.put(QTensor.class, QTensor.of(DataType.S8, MATRIX, Quantization.perTensor(1), new byte[4]));
      usable.put(MemorySegment.class, MemorySegment.ofArray(new float[4]));
      usable.put(WeightFile.class, file);
      usable.put(GgufFile.class, ggufFile);
      usable.put(Predicate.class, (Predicate<String>) layer -> true);
      usable.put(WeightQuantizer.Choice.class, choice);
      usable.put(WeightQuantizer.Method.class, WeightQuantizer.Method.NEAREST);
      usable.put(WeightQuantizer.Progress.class, progress);
      usable.put(Model.Forward.class, (Model.Forward) (input, net) -> input);
      usable.put(Model.LayerRunner.class, (Model.LayerRunner) (layer, x) -> x);
      NullArguments nulls = new NullArguments(NULLABLE, this::usable);
      for (Class<?> type : List.of(Accuracy.class, AccuracyMeter.class, ActivationScheme.class,
          BiasCorrection.class, BlockQuantizer.class, Calibration.class, CalibrationMethod.class,
          ClippingSearch.class,
          CrossLayerEqualization.class, Gptq.class, InputMoments.class, LayerScheme.class, Linear.class,
          Model.class, Observer.class, PlainText.class, PostTraining.class, QuantizationReport.class,
          QuantizationScheme.class, QuantizedLinear.class, QuantizedModel.class, Sensitivity.class,
          SmoothQuant.class, WeightScheme.class, HtmlReport.class, FileComparison.class, ForeignTensor.class,
          ForeignWeights.class,
          GgufFile.class, GgufQuantizer.class, GgufValue.class, GgufWriter.class, GgufWriter.Slot.class,
          GptqRounding.class,
          LayerInputs.class, ModelSlimFile.class,
          OnnxFile.class, OutputFile.class,
          RecordedInputs.class,
          SafetensorsFile.class, SafetensorsWriter.class, SafetensorsWriter.Slot.class, SchemeChoice.class,
          ShardedSafetensors.class, StoredTensor.class, WeightAxes.class, WeightFile.class, WeightForm.class,
          WeightQuantizer.class, FakeQuantizer.class, FoldedBatchNorm.class)) {
        nulls.methods(type, null);
        nulls.constructors(type);
      }
      targets.forEach(target -> nulls.methods(target.getClass(), target));
      assertEquals(List.of(), nulls.wrong());
      assertTrue(nulls.tried() >= 120, () -> "only " + nulls.tried() + " arguments were tried");
    }
  }

  private static Class<?> primitive(Class<?> type) {
    return Map.<Class<?>, Class<?>>of(Integer.class, int.class, Long.class, long.class, Float.class,
        float.class, Double.class, double.class, Boolean.class, boolean.class).getOrDefault(type, type);
  }

  private Object usable(Parameter parameter) {
    Class<?> type = parameter.getType();
    return usable.entrySet().stream().filter(e -> e.getKey() == type).map(Map.Entry::getValue).findAny()
        .orElseGet(() -> usable.values().stream().filter(type::isInstance).findAny().orElse(null));
  }
}

package dev.octet.cli;

import dev.octet.Quantization;
import dev.octet.quantize.Gptq;
import dev.octet.quantize.PostTraining;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.GptqRounding;
import dev.octet.quantize.file.LayerInputs;
import dev.octet.quantize.file.OutputFile;
import dev.octet.quantize.file.OutputsLast;
import dev.octet.quantize.file.QuantizationSummary;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import dev.octet.quantize.file.RecordedInputs;
import dev.octet.quantize.file.SchemeChoice;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.WeightFile;
import dev.octet.quantize.file.WeightQuantizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code octet quantize}: a file of FP32 weights, or a whole model, to int8, int4 or blocks. */
@Command(name = "quantize", mixinStandardHelpOptions = true, description = {
    "Quantize the weights of a file into a safetensors file; or, with an output named .onnx, an ONNX model into one that ONNX Runtime and octet run execute; or, with an output named .gguf, a GGUF file into one with blocks, which llama.cpp and GgufFile read.",
    "Tensor by tensor: memory does not grow with the file. The output is written aside and renamed at the end; Ctrl-C leaves nothing.",
    "A file that has the name of the output is replaced, its permissions kept; an input never is, nor are weights in the folder of a ModelSlim input."}, footer = {
        "",
        "Calibration, for int8-static, int4-static and --rounding gptq: safetensors with a tensor LAYER.input, [rows][features], for each layer, whose weight is LAYER.weight, or LAYER where there is no such weight; names that an exporter of ONNX made up will do too; octet demo --write-calibration makes one.",
        "",
        "For an ONNX output: safetensors with a tensor for each input of the model, whose first axis is the samples; the model is run on them.",
        "",
        "With the static schemes the output gets LAYER.input_scale and LAYER.input_zero_point; moving-average takes 128 rows for a batch, entropy wants ten thousand numbers and more.",
        "",
        "Layers that have no recorded inputs get no such scale, and are named; so are those whose inputs were always 0, whose scale is 1. Layers that are not quantized get none.",
        "",
        "For a GGUF output the input is GGUF, of one file or the first of several parts, of F32, F16 or BF16; tensors that are quantized already are copied, and so are those of which llama.cpp reads floats alone.",
        "",
        "With gptq, weights of layers that have no recorded inputs are rounded to nearest, and named; it takes 40 bytes of heap for each pair of inputs of a layer, one layer at a time."})
final class QuantizeCommand implements Callable<Integer> {
  /** Scheme names for completion and help. */
  static final class Schemes extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Schemes() {
      for (Scheme scheme : Scheme.values()) {
        add(scheme.toString());
      }
    }
  }

  /** Names of roundings for completion and help. */
  static final class Roundings extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Roundings() {
      for (PostTraining.Weights rounding : PostTraining.Weights.values()) {
        add(name(rounding));
      }
    }
  }

  @Spec
  private CommandSpec spec;
  @Parameters(index = "0", paramLabel = "IN", description = "safetensors, ONNX, GGUF, or a folder of sharded safetensors (or their index) or of ModelSlim")
  private Path in;
  @Option(names = {"-o",
      "--output"}, required = true, paramLabel = "OUT", description = "the file to be written: safetensors, or an ONNX model where the name ends in .onnx, or GGUF where it ends in .gguf")
  private Path out;
  @Option(names = {"-s",
      "--scheme"}, required = true, completionCandidates = Schemes.class, paramLabel = "SCHEME", converter = SchemeConverter.class, description = "one of ${COMPLETION-CANDIDATES}; the last five are blocks, for a GGUF output")
  private Scheme scheme;
  @Option(names = "--group", paramLabel = "SIZE", defaultValue = "0", hidden = false, description = "weights that share a scale, with int4-dynamic and int4-weight-only: 16, 32, 64, 128 or 256 (default: 32)", showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private int group;
  @Option(names = "--include", paramLabel = "GLOB", description = "quantize only these layers (names without .weight; of nodes, for an ONNX output; * is anything)")
  private List<String> include = new ArrayList<>();
  @Option(names = "--exclude", paramLabel = "GLOB", description = "leave these layers as they are")
  private List<String> exclude = new ArrayList<>();
  @Option(names = "--outputs-last", paramLabel = "GLOB", description = "read the weights of these layers as [in][out], and stacks of experts as [experts][in][out]: scales belong to the last axis. Without this, files without a graph are taken to have [out][in] and [experts][out][in]; the graph of an ONNX model says which it is")
  private List<String> outputsLast = new ArrayList<>();
  @Option(names = "--calibration", paramLabel = "FILE|DIR", description = "inputs of layers, recorded from sample data; for an ONNX output inputs of the model")
  private Path calibration;
  @Option(names = "--rounding", paramLabel = "METHOD", defaultValue = "nearest", completionCandidates = Roundings.class, description = "how weights are rounded, one of ${COMPLETION-CANDIDATES}: to nearest, over the whole range; to nearest, clipped to the range of least squared error; GPTQ, each weight making up for those before it, on the inputs of --calibration. Default: ${DEFAULT-VALUE}")
  private PostTraining.Weights rounding;
  @Option(names = "--observer", paramLabel = "METHOD", completionCandidates = ObserverMethod.Names.class, converter = ObserverMethod.Converter.class, description = "how calibration finds the range of an input: one of ${COMPLETION-CANDIDATES}; moving-average:WEIGHT of the newest batch, above 0 to 1 (default: 0.01); percentile:PERCENT of the numbers in the range, above 50 to 100 (default: 99.99). Default: min-max")
  private ObserverMethod observer;
  @Option(names = "--output-ratio", paramLabel = "DECIBELS", description = "for an ONNX output with int8-static: leave the products and convolutions in floats that harm the outputs most, until the ratio of signal to noise of the outputs on the first 16 samples is this; 20 is an error of a tenth")
  private Double outputRatio;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** From text. */
  static final class SchemeConverter implements CommandLine.ITypeConverter<Scheme> {
    @Override
    public Scheme convert(String text) {
      return Scheme.of(text);
    }
  }

  @Override
  public Integer call() {
    checkOptions();
    LayerGlobs globs = new LayerGlobs(include, exclude);
    if (scheme.blocks() != null) {
      return new QuantizeGguf(in, out, new Screen(spec, json)).quantize(scheme.blocks(), globs);
    }
    if (isModel()) {
      return new QuantizeModel(in, out, new Screen(spec, json)).quantize(scheme, calibration, observer(),
          outputRatio, include, exclude);
    }
    if (Files.isDirectory(out)) {
      throw new IllegalArgumentException("--output: " + out + " is a folder");
    }
    Screen screen = new Screen(spec, json);
    long start = System.nanoTime();
    QuantizationScheme layers = scheme.scheme(group);
    if (!include.isEmpty()) {
      layers = layers.include(include.toArray(new String[0]));
    }
    layers = layers.exclude(exclude.toArray(new String[0]));
    QuantizationSummary summary;
    List<String> turned;
    long before;
    long after;
    List<String> nearest = List.of();
    InputScales inputs = InputScales.NONE;
    Map<String, Integer> dead = Map.of();
    List<String> warnings = new ArrayList<>();
    try (WeightFile file = weights(); RecordedInputs recorded = recorded(file)) {
      OutputFile.refuseInputs("--output", out, file.files());
      OutputFile.refuseInputs("--output", out, recorded == null ? List.of() : recorded.files());
      layers = SchemeChoice.named(layers, file);
      turned = file instanceof OutputsLast view ? view.names() : List.of();
      warnings.addAll(globs.unmatched(Stream
          .concat(file.tensors().stream().map(StoredTensor::name), file.otherNames().values().stream())
          .toList()));
      before = file.tensors().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
      SchemeChoice choice = new SchemeChoice(layers);
      if (scheme.needsCalibration()) {
        inputs = InputScales.of(LayerInputs.of(file, recorded), file, WeightQuantizer.plan(file, choice),
            layers, observer().method());
        warnings.addAll(inputs.warnings());
      }
      WeightQuantizer.Method method = switch (rounding) {
        case NEAREST -> WeightQuantizer.Method.NEAREST;
        case CLIPPING -> WeightQuantizer.Method.CLIPPING;
        case GPTQ -> new GptqRounding(file, recorded, Gptq.DAMPING);
      };
      try (Screen.Bar bar = screen.bar("quantizing")) {
        summary = WeightQuantizer.quantize(file, out, choice, method, inputs.tensors(), metadata(), bar);
      }
      if (method instanceof GptqRounding gptq) {
        nearest = gptq.roundedToNearest();
        dead = gptq.deadFeatures();
      }
      after = Files.size(out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + out + ": " + e, e);
    }
    List<String> quantized = summary.names(Outcome.QUANTIZED);
    if (quantized.isEmpty()) {
      screen.say("@|yellow no layer was quantized:|@ "
          + (summary.names(Outcome.KEPT).isEmpty()
              ? "none has two dimensions of floats and is included"
              : "what is left has no two dimensions of floats, or is not included"));
    }
    if (!nearest.isEmpty()) {
      screen.say("@|yellow rounded to nearest, no matrix with recorded inputs:|@ "
          + Plain.text(String.join(", ", nearest)));
    }
    if (!inputs.missing().isEmpty()) {
      screen.say("@|yellow no fixed scale of the input, nothing recorded:|@ "
          + Plain.text(String.join(", ", inputs.missing())));
    }
    summary.vanished().forEach((tensor, scales) -> screen.say(
        "@|yellow became 0, too small for a scale in binary32:|@ all numbers under " + scales
            + (scales == 1 ? " scale of " : " scales of ") + Plain.text(tensor)));
    dead.forEach((layer, features) -> alwaysZero(screen, "rounded to nearest",
        features + " features of " + layer));
    inputs.zeros()
        .forEach(layer -> alwaysZero(screen, "scale of the input is 1", "all features of " + layer));
    warnings.forEach(warning -> screen.say("@|yellow warning:|@ " + Plain.text(warning)));
    screen.say(
        "%s: %d tensors quantized as %s; %s before, %s after, in %s".formatted(Plain.text(out.toString()),
            quantized.size(), layers,
            Screen.bytes(before), Screen.bytes(after), Screen.seconds(System.nanoTime() - start)));
    SummaryText.say(screen, summary);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("output", out.toString());
    all.put("scheme", layers.toString());
    all.put("rounding", name(rounding));
    if (scheme.needsCalibration()) {
      all.put("observer", observer().text());
    }
    all.put("quantized", quantized);
    all.put("outputsLast", turned);
    all.put("tensors", SummaryText.json(summary));
    all.put("roundedToNearest", rounding == PostTraining.Weights.NEAREST ? all.get("quantized") : nearest);
    all.put("withoutInputScale", inputs.missing());
    all.put("zeroInputs", inputs.zeros());
    all.put("vanished", summary.vanished());
    all.put("deadFeatures", dead);
    all.put("warnings", warnings);
    all.put("bytesBefore", before);
    all.put("bytesAfter", after);
    screen.json(all);
    return 0;
  }

  private static void alwaysZero(Screen screen, String consequence, String what) {
    screen.say("@|yellow " + consequence + ", inputs always 0 in the calibration:|@ " + Plain.text(what));
  }

  /** Whether the output is a model that runs. */
  private boolean isModel() {
    return out.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  private boolean isGguf() {
    return out.toString().toLowerCase(Locale.ROOT).endsWith(".gguf");
  }

  private void checkOptions() {
    if (isGguf() != (scheme.blocks() != null)) {
      throw UsageErrors.wrong(spec, isGguf()
          ? "--scheme: a GGUF output takes " + Scheme.ofBlocks() + ", got " + scheme
          : "--scheme " + scheme + ": is for a GGUF output, whose name ends in .gguf; got " + out);
    }
    if (isGguf() && (rounding != PostTraining.Weights.NEAREST || !outputsLast.isEmpty())) {
      throw UsageErrors.wrong(spec, "--rounding and --outputs-last: not for a GGUF output");
    }
    if (isModel() && scheme != Scheme.INT8_DYNAMIC && scheme != Scheme.INT8_STATIC) {
      throw UsageErrors.wrong(spec, "--scheme: an ONNX output takes " + Scheme.INT8_DYNAMIC + " or "
          + Scheme.INT8_STATIC + ", got " + scheme);
    }
    if (isModel() && (rounding != PostTraining.Weights.NEAREST || !outputsLast.isEmpty())) {
      throw UsageErrors.wrong(spec, "--rounding and --outputs-last: not for an ONNX output");
    }
    if (outputRatio != null && (!isModel() || scheme != Scheme.INT8_STATIC)) {
      throw UsageErrors.wrong(spec, "--output-ratio: for an ONNX output with --scheme " + Scheme.INT8_STATIC);
    }
    if (group != 0 && !scheme.hasGroups()) {
      throw UsageErrors.wrong(spec, "--group: --scheme " + scheme + " has no groups");
    }
    if (group != 0 && !Quantization.isGroupSizeOfProducts(group)) {
      throw UsageErrors.wrong(spec, "--group: expected 16, 32, 64, 128 or 256, got " + group);
    }
    boolean gptq = rounding == PostTraining.Weights.GPTQ;
    if (scheme.needsCalibration() && calibration == null) {
      throw UsageErrors.wrong(spec, "--scheme " + scheme
          + " needs --calibration: activations get fixed scales from sample data");
    }
    if (gptq && calibration == null) {
      throw UsageErrors.wrong(spec,
          "--rounding gptq needs --calibration: it rounds weights for recorded inputs");
    }
    if (!scheme.needsCalibration() && !gptq && calibration != null) {
      throw UsageErrors.wrong(spec, "--calibration: --scheme " + scheme + " with --rounding " + name(rounding)
          + " takes none, its activations have no fixed scales");
    }
    if (!scheme.needsCalibration() && observer != null) {
      throw UsageErrors.wrong(spec,
          "--observer: --scheme " + scheme + " has none, its activations have no fixed scales");
    }
  }

  private static String name(PostTraining.Weights rounding) {
    return rounding.name().toLowerCase(Locale.ROOT);
  }

  private ObserverMethod observer() {
    return observer == null ? ObserverMethod.MIN_MAX : observer;
  }

  private Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("octet.scheme", scheme.toString());
    metadata.put("octet.rounding", name(rounding));
    if (scheme.needsCalibration()) {
      metadata.put("octet.observer", observer().text());
    }
    return metadata;
  }

  private WeightFile weights() {
    WeightFile file = WeightFile.open(in);
    return outputsLast.isEmpty() ? file : OutputsLast.of(file, outputsLast);
  }

  /** The inputs of --calibration, null without it. */
  private RecordedInputs recorded(WeightFile file) {
    if (calibration == null) {
      return null;
    }
    RecordedInputs recorded = RecordedInputs.open(calibration);
    if (LayerInputs.of(file, recorded).isEmpty()) {
      recorded.close();
      throw new IllegalArgumentException("--calibration: " + calibration
          + " has no tensor LAYER.input of a layer of the model that is to be quantized");
    }
    return recorded;
  }
}

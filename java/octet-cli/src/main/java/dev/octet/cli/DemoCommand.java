package dev.octet.cli;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.minilm.CalibrationRecorder;
import dev.octet.minilm.Encoder;
import dev.octet.minilm.FileEncoder;
import dev.octet.minilm.MiniLm;
import dev.octet.minilm.ModelFiles;
import dev.octet.minilm.OnnxEncoder;
import dev.octet.minilm.Sentences;
import dev.octet.minilm.Tokens;
import dev.octet.minilm.Vectors;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import dev.octet.quantize.file.OutputFile;
import dev.octet.quantize.file.WeightFile;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octet demo}: sentences embedded by a quantized file of all-MiniLM-L6-v2. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = {
    "Embed fifty sentences with all-MiniLM-L6-v2, from a quantized file, and compare with FP32.",
    "Without --model the FP32 model, which travels with the command, is quantized to int8 while it is prepared."})
final class DemoCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;
  @Option(names = "--model", paramLabel = "FILE", description = "what octet quantize made of the model: ONNX, or safetensors by any scheme but int4-static")
  private Path model;
  @Option(names = "--write-model", paramLabel = "FILE.onnx", description = "write the FP32 model, to be quantized, and end")
  private Path writeModel;
  @Option(names = "--write-calibration", paramLabel = "FILE", description = "record the inputs of all layers on sample sentences, for octet quantize --calibration, and end")
  private Path writeCalibration;
  @Option(names = "--engine", description = "one of ${COMPLETION-CANDIDATES} (default: the best)")
  private Engine engine;
  @Option(names = "--threads", defaultValue = "1", description = "threads of a product (default: ${DEFAULT-VALUE})")
  private int threads;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    UsageErrors.checkThreads(spec, threads);
    Screen screen = new Screen(spec, json);
    if (writeModel != null || writeCalibration != null) {
      if (writeModel != null) {
        OutputFile.write(writeModel, ModelFiles.read(ModelFiles.FP32_MODEL));
        screen.say("%s: all-MiniLM-L6-v2 in FP32".formatted(writeModel));
      }
      if (writeCalibration != null) {
        try (Tokens tokens = new Tokens()) {
          CalibrationRecorder.write(MiniLm.load(), tokens.of(Sentences.SAMPLE), writeCalibration);
        }
        screen
            .say("%s: inputs of layers on %d sentences".formatted(writeCalibration, Sentences.SAMPLE.size()));
      }
      return 0;
    }
    byte[] fp32 = ModelFiles.read(ModelFiles.FP32_MODEL);
    if (model == null || model.toString().endsWith(".onnx")) {
      OnnxOptions options = model == null
          ? OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic())
          : OnnxOptions.defaults();
      try (OnnxModel file = model == null
          ? OnnxModel.open(new ByteArrayInputStream(fp32))
          : OnnxModel.open(model);
          OnnxEncoder encoder = new OnnxEncoder("octet", file, options, engine, threads)) {
        return embed(screen, fp32, encoder, encoder.kernel());
      }
    }
    Octet octet = Octet.builder().engine(engine).threads(threads).open();
    FileEncoder opened;
    try (WeightFile file = WeightFile.open(model)) {
      opened = new FileEncoder(file, octet);
    } catch (RuntimeException e) {
      octet.close();
      throw e;
    }
    try (FileEncoder encoder = opened) {
      return embed(screen, fp32, encoder, encoder.kernel());
    }
  }

  private int embed(Screen screen, byte[] fp32, Encoder encoder, String kernel) {
    try (Tokens tokens = new Tokens();
        Encoder reference = OnnxEncoder.of("fp32", fp32, null, threads);
        Screen.Bar bar = screen.bar("embedding")) {
      int[][] sentences = tokens.of(Sentences.ALL);
      float[][] vectors = new float[sentences.length][];
      double least = 1;
      double sum = 0;
      float[][] expected = new float[sentences.length][];
      for (int i = 0; i < sentences.length; i++) {
        bar.at("sentence " + (i + 1), i, sentences.length);
        vectors[i] = encoder.embed(new int[][]{sentences[i]})[0];
        expected[i] = reference.embed(new int[][]{sentences[i]})[0];
        double cosine = Vectors.cosine(vectors[i], expected[i]);
        least = Math.min(least, cosine);
        sum += cosine;
      }
      long best = fastest(encoder, Tokens.ofLength(sentences, 1, 64));
      double spearman = Vectors.spearman(Vectors.similarities(vectors), Vectors.similarities(expected));
      screen.say("model     %s, %s; linear layers %.1f MB".formatted(
          model == null ? "all-MiniLM-L6-v2, quantized now" : model,
          Screen.bytes(model == null ? fp32.length : model.toFile().length()), encoder.weightMegabytes()));
      screen.say("kernel    %s".formatted(kernel));
      screen.say(
          "to FP32   cosine at least %.4f, mean %.4f; rank correlation of similarities %.4f".formatted(least,
              sum / sentences.length, spearman));
      screen
          .say("time      %.2f ms for a sentence of 64 tokens, %d thread(s)".formatted(best / 1e6, threads));
      List<Map<String, Object>> neighbours = new ArrayList<>();
      for (int query : Sentences.QUERIES) {
        int nearest = IntStream.range(0, vectors.length).filter(i -> i != query).boxed()
            .max(Comparator.comparingDouble(i -> Vectors.cosine(vectors[i], vectors[query]))).orElseThrow();
        screen.say("@|bold %s|@%n  %.3f  %s".formatted(Sentences.ALL.get(query),
            Vectors.cosine(vectors[nearest], vectors[query]),
            Sentences.ALL.get(nearest)));
        neighbours
            .add(Map.of("sentence", Sentences.ALL.get(query), "nearest", Sentences.ALL.get(nearest), "cosine",
                Vectors.cosine(vectors[nearest], vectors[query])));
      }
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("kernel", kernel);
      all.put("linearMegabytes", encoder.weightMegabytes());
      all.put("cosineMin", least);
      all.put("cosineMean", sum / sentences.length);
      all.put("spearman", spearman);
      all.put("msPerSentence", best / 1e6);
      all.put("threads", threads);
      all.put("neighbours", neighbours);
      screen.json(all);
    }
    return 0;
  }

  private static long fastest(Encoder encoder, int[][] batch) {
    long best = Long.MAX_VALUE;
    long start = System.nanoTime();
    do {
      long before = System.nanoTime();
      encoder.embed(batch);
      best = Math.min(best, System.nanoTime() - before);
    } while (System.nanoTime() - start < 1_000_000_000L);
    return best;
  }
}

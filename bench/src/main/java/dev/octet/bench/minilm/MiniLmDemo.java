package dev.octet.bench.minilm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.bench.FigureOutput;
import dev.octet.bench.usage.Usage;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.shape.Peer;
import dev.octet.minilm.Encoder;
import dev.octet.minilm.MiniLm;
import dev.octet.minilm.ModelFiles;
import dev.octet.minilm.OnnxEncoder;
import dev.octet.minilm.Sentences;
import dev.octet.minilm.Tokens;
import dev.octet.minilm.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Embeds fifty sentences with ONNX Runtime and with Octet: the FP32 file, the quantized file that it is
 * published with, and the int8 file that Octet makes of the FP32 one, on each engine that is available. Says
 * how fast, how small and how close to FP32 each of them is. What it prints is what a newcomer sees first.
 */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "all-MiniLM-L6-v2 at int8 on Octet beside ONNX Runtime.")
public final class MiniLmDemo implements Callable<Integer> {
  /** A batch that is timed; SCALAR takes the shortest only, it needs a second for what others do in 10 ms. */
  private record Size(int batch, int tokens, boolean scalarToo) {}

  private static final List<Size> SIZES = List.of(new Size(1, 16, true), new Size(1, 64, false),
      new Size(1, 128, false), new Size(32, 16, false), new Size(32, 128, false));

  private static final String NAME = "ci/demo";
  private static final String TOPIC = "MiniLM-L6";
  /** The others are told as ratios to it. */
  private static final String REFERENCE = "ort-fp32";
  /** Fewer seconds are to see that it runs. */
  private static final double QUOTED_SECONDS = 2;

  @Spec
  private CommandSpec spec;

  @Option(names = "--threads", defaultValue = "1", description = "threads of each runner (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(names = "--seconds", defaultValue = "2", description = "seconds of timing for each runner and size (default: ${DEFAULT-VALUE})")
  private double seconds;

  @Option(names = "--json", defaultValue = "target/demo.json", description = "where the figures go (default: ${DEFAULT-VALUE})")
  private Path json;

  @Option(names = "--out", description = "the same as figures, with those of the rounds (default: bench/target/demo-figures.csv)")
  private Path out;

  private final List<Figure> rounds = new ArrayList<>();
  private final Progress progress = new Progress();

  /**
   * Runs the demo.
   *
   * @param args see --help
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return Usage.of(new MiniLmDemo(), NAME).setExecutionExceptionHandler((failure, command, parsed) -> {
      command.getErr().println("The demo failed: " + failure.getMessage());
      for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
        command.getErr().println("  because: " + cause);
      }
      return 1;
    });
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Usage.checkThreads(spec, List.of(threads));
    Usage.checkSeconds(spec, seconds);
    Usage.checkOutput(spec, "--json", json);
    FigureOutput output = FigureOutput.of(spec, NAME, out, "demo-figures.csv");
    progress.say("Reading all-MiniLM-L6-v2 (FP32) and its tokenizer.");
    byte[] fp32 = ModelFiles.read(ModelFiles.FP32_MODEL);
    double megabytes = MiniLm.LINEAR_WEIGHTS / 1e6;
    List<Encoder> encoders = new ArrayList<>();
    try (Tokens tokens = new Tokens()) {
      encoders.add(new OrtEncoder(REFERENCE, fp32, 4 * megabytes, threads));
      encoders.add(new OrtEncoder("ort-int8", ModelFiles.read(ModelFiles.INT8_MODEL), megabytes, threads));
      progress.show("quantizing to int8, with the ranges of activations on " + Sentences.SAMPLE.size()
          + " sample sentences");
      byte[] int8 = OnnxEncoder.quantize(fp32, tokens.of(Sentences.SAMPLE));
      encoders.add(new OrtEncoder("ort-same-file", int8, megabytes, threads));
      encoders.add(OnnxEncoder.of("octet-fp32", fp32, null, threads));
      addOctets(int8, encoders);
      int[][] sentences = tokens.of(Sentences.ALL);
      Map<Encoder, float[][]> embeddings = embedAll(encoders, sentences);
      List<Figures> figures = time(encoders, sentences, embeddings);
      printTable(figures);
      printNeighbours(embeddings);
      write(figures);
      output.write(peers(encoders), List.of(), seconds < QUOTED_SECONDS, rounds);
      progress.say("Figures, with those of the rounds: " + output.file());
      return 0;
    } finally {
      progress.clear();
      encoders.forEach(Encoder::close);
    }
  }

  /** Octet on each engine that opens and takes the model; says why one does not. */
  private void addOctets(byte[] int8, List<Encoder> encoders) {
    List<EngineStatus> statuses;
    try (Octet octet = Octet.open()) {
      progress.say(octet.report().strip());
      statuses = octet.engines();
    }
    for (EngineStatus status : statuses) {
      if (!status.available()) {
        continue;
      }
      progress.show("packing the weights for " + status.engine());
      try {
        OnnxEncoder encoder = OnnxEncoder.of("octet-" + status.engine().name().toLowerCase(Locale.ROOT),
            int8, status.engine(), threads);
        encoders.add(encoder);
        progress.say(encoder.name() + ": " + encoder.kernel());
      } catch (UnsupportedOperationException refused) {
        progress.say(status.engine() + " alone does not take this model: " + refused.getMessage());
      }
    }
  }

  private Map<Encoder, float[][]> embedAll(List<Encoder> encoders, int[][] sentences) {
    Map<Encoder, float[][]> embeddings = new LinkedHashMap<>();
    for (Encoder encoder : encoders) {
      float[][] vectors = new float[sentences.length][];
      for (int i = 0; i < sentences.length; i++) {
        progress.show(encoder.name() + ": sentence " + (i + 1) + " of " + sentences.length);
        vectors[i] = encoder.embed(new int[][]{sentences[i]})[0];
      }
      embeddings.put(encoder, vectors);
    }
    return embeddings;
  }

  private List<Figures> time(List<Encoder> encoders, int[][] sentences, Map<Encoder, float[][]> embeddings) {
    float[][] reference = embeddings.get(encoders.get(0));
    double[] similarities = Vectors.similarities(reference);
    List<Figures> figures = new ArrayList<>();
    progress.say("octet-scalar is the oracle, and slow: it is timed on the shortest batch only.");
    for (Size size : SIZES) {
      int[][] batch = Tokens.ofLength(sentences, size.batch, size.tokens);
      List<Encoder> entered = encoders.stream()
          .filter(e -> size.scalarToo || !e.name().equals("octet-scalar")).toList();
      Contest contest = new Contest(seconds,
          what -> progress.show("batch " + size.batch + " of " + size.tokens + " tokens: " + what));
      Map<Encoder, double[]> times = contest.run(entered, batch);
      rounds.addAll(figures(size.tokens + " tokens batch " + size.batch, size.batch, times));
      times.forEach((encoder, calls) -> {
        double nanos = Rounds.quantile(calls, 0.5);
        float[][] vectors = embeddings.get(encoder);
        double[] cosines = IntStream.range(0, vectors.length)
            .mapToDouble(i -> Vectors.cosine(vectors[i], reference[i])).toArray();
        figures.add(new Figures(encoder.name(), threads, size.tokens, size.batch, nanos / 1e6 / size.batch,
            size.batch * 1e9 / nanos, encoder.weightMegabytes(), IntStream.range(0, cosines.length)
                .mapToDouble(i -> cosines[i]).min().orElseThrow(),
            IntStream.range(0, cosines.length).mapToDouble(i -> cosines[i]).average().orElseThrow(),
            Vectors.spearman(Vectors.similarities(vectors), similarities)));
      });
    }
    for (Figures row : figures.subList(0, encoders.size())) {
      rounds
          .add(Figure.of(TOPIC, "fifty sentences", row.runner(), "cosine to FP32", "mean", row.cosineMean()));
    }
    return figures;
  }

  /** Milliseconds a sentence, and ratios to ONNX Runtime at FP32, of calls next to each other. */
  static List<Figure> figures(String subject, int batch, Map<Encoder, double[]> times) {
    List<Figure> figures = new ArrayList<>();
    Optional<double[]> reference = times.entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(REFERENCE)).map(Map.Entry::getValue).findFirst();
    times.forEach((encoder, nanos) -> {
      figures.add(Figure.of(TOPIC, subject, encoder.name(), "a sentence", "ms",
          Arrays.stream(nanos).map(each -> each * 1e-6 / batch).toArray()));
      reference.filter(others -> !encoder.name().equals(REFERENCE) && nanos.length > 1)
          .ifPresent(others -> {
            double[] ratios = new double[Math.min(others.length, nanos.length)];
            Arrays.setAll(ratios, i -> others[i] / nanos[i]);
            figures.add(Figure.of(TOPIC, subject, encoder.name(), "over " + REFERENCE, "times", ratios));
          });
    });
    return figures;
  }

  /** ONNX Runtime, and the engines of Octet. */
  private static Set<Peer> peers(List<Encoder> encoders) {
    Set<Peer> peers = new LinkedHashSet<>(Set.of(Peer.ORT));
    Peer.values().stream().filter(
        peer -> peer.engine() != null && encoders.stream().anyMatch(e -> e.name().equals(peer.toString())))
        .forEach(peers::add);
    return peers;
  }

  private void printTable(List<Figures> figures) {
    progress.say("");
    progress.say(String.format("%-20s %7s %6s %6s %12s %12s %9s %9s %9s %9s %9s", "runner", "threads",
        "batch", "tokens",
        "ms/sentence", "sentences/s", "x ort-fp32", "linear MB", "cos min", "cos mean", "Spearman"));
    for (Figures row : figures) {
      double fp32 = figures.stream().filter(f -> f.runner().equals(REFERENCE) && f.tokens() == row.tokens()
          && f.batch() == row.batch()).findFirst().orElseThrow().msPerSentence();
      progress
          .say(String.format("%-20s %7d %6d %6d %12.3f %12.1f %10.2f %9.1f %9.4f %9.4f %9.4f", row.runner(),
              row.threads(), row.batch(), row.tokens(), row.msPerSentence(), row.sentencesPerSecond(),
              fp32 / row.msPerSentence(), row.weightMegabytes(), row.cosineMin(), row.cosineMean(),
              row.spearman()));
    }
  }

  private void printNeighbours(Map<Encoder, float[][]> embeddings) {
    for (int query : Sentences.QUERIES) {
      progress.say("");
      progress.say("Nearest to: " + Sentences.ALL.get(query));
      embeddings.forEach((encoder, vectors) -> {
        progress.say("  " + encoder.name());
        IntStream.range(0, vectors.length).filter(i -> i != query).boxed()
            .sorted(Comparator.comparingDouble(i -> -Vectors.cosine(vectors[i], vectors[query]))).limit(2)
            .forEach(
                i -> progress.say(String.format("    %.3f  %s", Vectors.cosine(vectors[i], vectors[query]),
                    Sentences.ALL.get(i))));
      });
    }
  }

  private void write(List<Figures> figures) throws IOException {
    Path folder = json.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(json.toFile(), figures);
    progress.say("");
    progress.say("Figures: " + json);
  }
}

package dev.octet.bench.minilm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.minilm.Encoder;
import dev.octet.minilm.FloatEncoder;
import dev.octet.minilm.MiniLm;
import dev.octet.minilm.ModelFiles;
import dev.octet.minilm.OctetEncoder;
import dev.octet.minilm.Ranges;
import dev.octet.minilm.Sentences;
import dev.octet.minilm.Times;
import dev.octet.minilm.Tokens;
import dev.octet.minilm.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Embeds fifty sentences with ONNX Runtime at FP32 and at 8 bits and with Octet at int8 on each engine that
 * is available, and says how fast, how small and how close to FP32 each of them is. What it prints is what a
 * newcomer sees first.
 */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "all-MiniLM-L6-v2 at int8 on Octet beside ONNX Runtime.")
public final class MiniLmDemo implements Callable<Integer> {
  private static final String SPLIT = "octet.onednn.split";

  /** A batch that is timed; SCALAR takes the shortest only, it needs a second for what others do in 10 ms. */
  private record Size(int batch, int tokens, boolean scalarToo) {}

  private static final List<Size> SIZES = List.of(new Size(1, 16, true), new Size(1, 64, false),
      new Size(1, 128, false), new Size(32, 16, false), new Size(32, 128, false));

  @Option(names = "--threads", defaultValue = "1", description = "threads of each runner (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(names = "--seconds", defaultValue = "2", description = "seconds of timing for each runner and size (default: ${DEFAULT-VALUE})")
  private double seconds;

  @Option(names = "--json", defaultValue = "target/demo.json", description = "where the figures go (default: ${DEFAULT-VALUE})")
  private Path json;

  private final Progress progress = new Progress();

  /**
   * Runs the demo.
   *
   * @param args see --help
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new MiniLmDemo()).setExecutionExceptionHandler((failure, command, parsed) -> {
      command.getErr().println("The demo failed: " + failure.getMessage());
      for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
        command.getErr().println("  because: " + cause);
      }
      return 1;
    }).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    progress.say("Reading all-MiniLM-L6-v2 (FP32 weights) and its tokenizer.");
    MiniLm model = MiniLm.load();
    List<Encoder> encoders = new ArrayList<>();
    try (Tokens tokens = new Tokens()) {
      encoders.add(new OrtEncoder("ort-fp32", ModelFiles.FP32_MODEL, model.linearBytes() / 1e6, threads));
      encoders.add(new OrtEncoder("ort-int8", ModelFiles.INT8_MODEL, model.linearBytes() / 4e6, threads));
      addOctets(model, tokens, encoders);
      int[][] sentences = tokens.of(Sentences.ALL);
      Map<Encoder, float[][]> embeddings = embedAll(encoders, sentences);
      List<Figures> figures = time(encoders, sentences, embeddings);
      printTable(figures);
      printTimes(encoders, sentences);
      printNeighbours(embeddings);
      write(figures);
      return 0;
    } finally {
      progress.clear();
      encoders.forEach(Encoder::close);
    }
  }

  /** Octet on each engine that opens and takes the layers; says why one does not. */
  private void addOctets(MiniLm model, Tokens tokens, List<Encoder> encoders) {
    progress.show(
        "running " + Sentences.SAMPLE.size() + " sample sentences in float, for the ranges of activations");
    List<Ranges> ranges = new FloatEncoder(model).observe(tokens.of(Sentences.SAMPLE));
    List<EngineStatus> statuses;
    try (Octet octet = Octet.open()) {
      progress.say(octet.report().strip());
      statuses = octet.engines();
    }
    for (EngineStatus status : statuses) {
      if (!status.available()) {
        continue;
      }
      progress.show("quantizing the weights for " + status.engine());
      try {
        add(encoders, new OctetEncoder(model, ranges, status.engine(), threads, ""));
      } catch (UnsupportedOperationException refused) {
        progress.say(status.engine() + " does not take this model: " + refused.getMessage());
        if (status.engine() == Engine.ONEDNN && System.getProperty(SPLIT) == null) {
          System.setProperty(SPLIT, "true");
          progress.say(
              "ONEDNN runs with -D" + SPLIT + "=true instead: two products for one, exact without VNNI.");
          add(encoders, new OctetEncoder(model, ranges, Engine.ONEDNN, threads, "-split"));
        }
      }
    }
  }

  private void add(List<Encoder> encoders, OctetEncoder encoder) {
    encoders.add(encoder);
    progress.say(encoder.name() + ": " + encoder.kernel());
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
      contest.run(entered, batch).forEach((encoder, nanos) -> {
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
    return figures;
  }

  private void printTable(List<Figures> figures) {
    progress.say("");
    progress.say(String.format("%-20s %7s %6s %6s %12s %12s %9s %9s %9s %9s %9s", "runner", "threads",
        "batch", "tokens",
        "ms/sentence", "sentences/s", "x ort-fp32", "linear MB", "cos min", "cos mean", "Spearman"));
    for (Figures row : figures) {
      double fp32 = figures.stream().filter(f -> f.runner().equals("ort-fp32") && f.tokens() == row.tokens()
          && f.batch() == row.batch()).findFirst().orElseThrow().msPerSentence();
      progress
          .say(String.format("%-20s %7d %6d %6d %12.3f %12.1f %10.2f %9.1f %9.4f %9.4f %9.4f", row.runner(),
              row.threads(), row.batch(), row.tokens(), row.msPerSentence(), row.sentencesPerSecond(),
              fp32 / row.msPerSentence(), row.weightMegabytes(), row.cosineMin(), row.cosineMean(),
              row.spearman()));
    }
  }

  private void printTimes(List<Encoder> encoders, int[][] sentences) {
    for (Encoder encoder : encoders) {
      if (encoder.times() == null) {
        continue;
      }
      Times least = leastTimes(encoder, Tokens.ofLength(sentences, 1, 128));
      progress.say("");
      progress.say("Where the time of " + encoder.name() + " goes, one sentence of 128 tokens:");
      for (Times.Kind kind : Times.Kind.values()) {
        progress.say(String.format("  %-34s %9.3f ms %5.1f %%", kind.label(), least.nanos(kind) / 1e6,
            100.0 * least.nanos(kind) / least.total()));
      }
    }
  }

  /** The times of the fastest of some runs: another one was disturbed, and would not say where time goes. */
  private Times leastTimes(Encoder encoder, int[][] batch) {
    Times least = null;
    long start = System.nanoTime();
    do {
      encoder.embed(batch);
      if (least == null || encoder.times().total() < least.total()) {
        least = encoder.times().copy();
      }
    } while (System.nanoTime() - start < seconds * 1e9);
    return least;
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

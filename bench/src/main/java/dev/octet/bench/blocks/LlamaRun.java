package dev.octet.bench.blocks;

import com.sun.management.ThreadMXBean;
import dev.octet.Octet;
import dev.octet.bench.FigureOutput;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.bench.usage.Usage;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.shape.Peer;
import dev.octet.llama.LlamaContext;
import dev.octet.llama.LlamaModel;
import dev.octet.llama.LlamaShape;
import dev.octet.llama.SeededModel;
import dev.octet.op.DynamicMatMul;
import dev.octet.quantize.file.GgufFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Times examples/llama on a model with TinyLlama-1.1B's shape, Q4_K_M and random weights: prompt, decode,
 * memory, and the products of a decode step beside a plain read of as much memory and ggml.
 */
@Command(name = "llama", mixinStandardHelpOptions = true, description = "A decode step of a Llama on Octet: time and memory.")
public final class LlamaRun implements Callable<Integer> {
  private static final long SEED = 1;
  private static final int PROMPT = 128;
  private static final int CAPACITY = 512;
  private static final int DECODED = 16;
  /** What a start may take beside weights and cache: Java, its code and its heap. */
  private static final double OTHER_MEGABYTES = 200;
  private static final String STATUS = "/proc/self/status";

  private static final String NAME = "ci/llama";
  private static final String TOPIC = "A decode step of a Llama";
  private static final String SPEED_TOPIC = "A Llama after a prompt";
  /** Fewer seconds are to see that it runs. */
  private static final double QUOTED_SECONDS = 10;
  private static final String GGML = Peer.GGML.toString();
  private static final String READING = Peer.LIMIT.toString();

  @Spec
  private CommandSpec spec;

  @Option(names = "--folder", defaultValue = "target/llama", description = "where model and packed weights are made, 1.4 GB (default: bench/${DEFAULT-VALUE})")
  private Path folder;

  @Option(names = "--threads", defaultValue = "2", description = "threads of a product (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(names = "--seconds", defaultValue = "10", description = "seconds of each timing (default: ${DEFAULT-VALUE})")
  private double seconds;

  @Option(names = "--ggml", description = "the folder of ggml, which ci/peers fetches")
  private Path ggml;

  @Option(names = "--loops", defaultValue = "target/native", description = "the folder of the library bench-loops (default: bench/${DEFAULT-VALUE})")
  private Path loops;

  @Option(names = "--small", description = "a small model: to see that it runs")
  private boolean small;

  @Option(names = "--start", description = "makes the model and packs its weights, where they are not there, and times the start alone")
  private boolean start;

  @Option(names = "--out", description = "the figures (default: bench/target/llama-figures.csv)")
  private Path out;

  private final int[] next = {1};
  private final List<Figure> figures = new ArrayList<>();
  private String us = "";

  /**
   * Runs the program.
   *
   * @param args see --help
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return Usage.of(new LlamaRun(), NAME);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Usage.checkThreads(spec, List.of(threads));
    Usage.checkSeconds(spec, seconds);
    if (ggml != null) {
      Usage.value(spec, "--ggml", () -> Ggml.check(ggml));
    }
    FigureOutput output = FigureOutput.of(spec, NAME, out, "llama-figures.csv");
    LlamaShape shape = small ? SeededModel.SMALL : SeededModel.TINY_LLAMA;
    Path file = Files.createDirectories(folder).resolve(small ? "small.gguf" : "tinyllama-q4_k_m.gguf");
    if (!Files.exists(file)) {
      SeededModel.write(file, shape, SEED, false);
    }
    long begin = System.nanoTime();
    try (Octet octet = Octet.builder().threads(threads).open();
        LlamaModel model = LlamaModel.open(file, octet, folder.resolve("packed"));
        LlamaContext context = new LlamaContext(model, CAPACITY)) {
      int[] prompt = IntStream.range(0, PROMPT).map(i -> i * 37 % shape.vocabulary()).toArray();
      context.run(prompt, 0, 1);
      double took = (System.nanoTime() - begin) * 1e-9;
      us = Peer.of(model.products().getFirst().engine()).toString();
      System.out.printf(Locale.ROOT, "start: %.2f s to the first token; %s, %.0f MB, %d threads, %s%n",
          took, file, Files.size(file) * 1e-6, threads, model.products().getFirst().kernel());
      if (!start) {
        speed("start to the first token", "s", took);
        time(context, prompt);
        memory(model, context);
        List<String> others = contest(model, context, file);
        output.write(Set.of(Peer.named(us)), others, small || seconds < QUOTED_SECONDS, figures);
        System.out.println("Figures: " + output.file());
      }
    }
    return 0;
  }

  private void speed(String what, String unit, double... samples) {
    figures.add(Figure.of(SPEED_TOPIC, "by " + words(), us, what, unit, samples));
  }

  private String words() {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  private static double[] perSecond(Rounds rounds, int tokens) {
    return Arrays.stream(rounds.micros(0)).map(micros -> tokens * 1e6 / micros).toArray();
  }

  private void time(LlamaContext context, int[] prompt) {
    Rounds prompts = timed(List.of(() -> {
      context.truncate(0);
      context.run(prompt, 0, PROMPT);
    }));
    System.out.printf(Locale.ROOT, "prompt of %d tokens: %.1f tokens/s%n", PROMPT,
        PROMPT / prompts.medianMicros(0) * 1e6);
    speed("prompt of " + PROMPT + " tokens", "tokens/s", perSecond(prompts, PROMPT));
    Runnable decode = () -> decode(context, DECODED);
    Rounds decoded = timed(List.of(decode));
    ThreadMXBean beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = beans.getCurrentThreadAllocatedBytes();
    decode.run();
    long garbage = beans.getCurrentThreadAllocatedBytes() - before;
    speed("decode", "tokens/s", perSecond(decoded, DECODED));
    speed("garbage of a token", "bytes", (double) garbage / DECODED);
    System.out.printf(Locale.ROOT, "decode behind it: %.1f tokens/s, %d bytes of garbage a token%n",
        DECODED / decoded.medianMicros(0) * 1e6, garbage / DECODED);
  }

  /** The same tokens behind the prompt, each time. */
  private void decode(LlamaContext context, int tokens) {
    context.truncate(PROMPT);
    next[0] = 1;
    for (int i = 0; i < tokens; i++) {
      next[0] = LlamaContext.best(context.run(next, 0, 1));
    }
  }

  private void memory(LlamaModel model, LlamaContext context) throws IOException {
    Runtime java = Runtime.getRuntime();
    double packed = packedBytes(model) * 1e-6;
    double cache = context.cacheBytes() * 1e-6;
    speed("packed weights", "MB", packed);
    System.out.printf(Locale.ROOT,
        "memory: packed weights %.0f MB, mapped; cache of %d tokens %.1f MB; heap %.0f MB, used %.0f MB%n",
        packed, CAPACITY, cache, java.totalMemory() * 1e-6, (java.totalMemory() - java.freeMemory()) * 1e-6);
    if (Files.exists(Path.of(STATUS))) {
      double resident = kilobytes("VmRSS:") * 1.024e-3;
      speed("resident beside weights and cache", "MB", resident - packed - cache);
      System.out.printf(Locale.ROOT,
          "resident: %.0f MB, of files %.0f MB; %.0f MB beside weights and cache (target: at most %.0f)%n",
          resident, kilobytes("RssFile:") * 1.024e-3, resident - packed - cache, OTHER_MEGABYTES);
    }
  }

  private static double kilobytes(String key) throws IOException {
    return Files.readAllLines(Path.of(STATUS)).stream().filter(line -> line.startsWith(key))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", ""))).findFirst().orElse(Double.NaN);
  }

  private static long packedBytes(LlamaModel model) {
    return model.products().stream().mapToLong(DynamicMatMul::packedBytes).sum();
  }

  /** Returns the versions of others who took turns. */
  private List<String> contest(LlamaModel model, LlamaContext context, Path file) {
    List<String> versions = new ArrayList<>();
    List<String> names = new ArrayList<>(List.of("decode step", "its products"));
    List<String> whom = new ArrayList<>(List.of(us, us));
    Optional<LimitLoops> limit = LimitLoops.here(loops);
    try (LlamaPeers peers = new LlamaPeers(); GgufFile gguf = GgufFile.open(file)) {
      List<Runnable> turns = new ArrayList<>(
          List.of(() -> decode(context, 1), peers.products(model.products(), model.shape().longestRow())));
      if (limit.isPresent()) {
        names.add("reading");
        whom.add(READING);
        turns.add(peers.reading(limit.get(), packedBytes(model), threads));
      }
      if (ggml != null) {
        Ggml library = Ggml.open(ggml);
        names.add(GGML);
        whom.add(GGML);
        versions.add("ggml " + library.version());
        turns.add(peers.ggml(library, gguf, threads));
      }
      Rounds rounds = timed(turns);
      System.out.printf(Locale.ROOT, "by turns, %d rounds%s%s%n", rounds.count(),
          limit.isPresent() ? "" : "; bench-loops was not built",
          ggml == null ? "; ci/peers fetches ggml, --ggml names its folder" : "");
      System.out.printf(Locale.ROOT, "  %-14s %9s  %-28s %s%n", "", "median ms",
          "of the reading rate [p10 p90]", "x ggml [p10 p90]");
      for (int i = 0; i < names.size(); i++) {
        System.out.printf(Locale.ROOT, "  %-14s %9.2f  %-28s  %s%n", names.get(i),
            rounds.medianMicros(i) * 1e-3,
            ratio(rounds, i, whom.indexOf(READING)), ratio(rounds, i, whom.indexOf(GGML)));
      }
      List<String> subjects = List.of("a decode step", "its " + model.products().size() + " products alone");
      figures.addAll(figures(rounds, whom, Stream.concat(subjects.stream(), whom.stream().skip(2)
          .map(peer -> peer.equals(GGML) ? "the same products" : "reading the weights")).toList()));
    }
    return versions;
  }

  /** Milliseconds, and round by round shares of the rate of reading and ratios to ggml. */
  static List<Figure> figures(Rounds rounds, List<String> whom, List<String> subjects) {
    List<Figure> figures = new ArrayList<>();
    for (int i = 0; i < subjects.size(); i++) {
      figures.add(Figure.of(TOPIC, subjects.get(i), whom.get(i), "a token", "ms",
          rounds.millis(i)));
      int reading = whom.indexOf(READING);
      if (reading >= 0 && reading != i) {
        figures.add(Figure.of(TOPIC, subjects.get(i), whom.get(i), "of the rate of reading", "share",
            rounds.ratios(i, reading)));
      }
      int other = whom.indexOf(GGML);
      if (other >= 0 && other != i && reading != i) {
        figures.add(Figure.of(TOPIC, subjects.get(i), whom.get(i), "over ggml", "times",
            rounds.ratios(i, other)));
      }
    }
    return figures;
  }

  private static String ratio(Rounds rounds, int one, int other) {
    return other < 0 || one == other
        ? ""
        : String.format(Locale.ROOT, "%.2f [%.2f %.2f]", rounds.ratio(one, other, 0.5),
            rounds.ratio(one, other, 0.1), rounds.ratio(one, other, 0.9));
  }

  /** With one thread times are those of the thread on a processor: what others take does not count. */
  private Rounds timed(List<Runnable> turns) {
    return Rounds.run(turns, seconds / 5, 101, seconds,
        threads == 1 ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime : System::nanoTime);
  }
}

package dev.octet.bench.blocks;

import com.sun.management.ThreadMXBean;
import dev.octet.Octet;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.bench.usage.Usage;
import dev.octet.harness.report.Rounds;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
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

  private final int[] next = {1};

  /**
   * Runs the program.
   *
   * @param args see --help
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return Usage.of(new LlamaRun(), "ci/llama");
  }

  @Override
  public Integer call() throws IOException {
    Usage.checkThreads(spec, List.of(threads));
    Usage.checkSeconds(spec, seconds);
    if (ggml != null) {
      Usage.value(spec, "--ggml", () -> Ggml.check(ggml));
    }
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
      System.out.printf(Locale.ROOT, "start: %.2f s to the first token; %s, %.0f MB, %d threads, %s%n",
          (System.nanoTime() - begin) * 1e-9,
          file, Files.size(file) * 1e-6, threads, model.products().getFirst().kernel());
      if (!start) {
        time(context, prompt);
        memory(model, context);
        contest(model, context, file);
      }
    }
    return 0;
  }

  private void time(LlamaContext context, int[] prompt) {
    Rounds prompts = timed(List.of(() -> {
      context.truncate(0);
      context.run(prompt, 0, PROMPT);
    }));
    System.out.printf(Locale.ROOT, "prompt of %d tokens: %.1f tokens/s%n", PROMPT,
        PROMPT / prompts.medianMicros(0) * 1e6);
    Runnable decode = () -> decode(context, DECODED);
    Rounds decoded = timed(List.of(decode));
    ThreadMXBean beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = beans.getCurrentThreadAllocatedBytes();
    decode.run();
    long garbage = beans.getCurrentThreadAllocatedBytes() - before;
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

  private static void memory(LlamaModel model, LlamaContext context) throws IOException {
    Runtime java = Runtime.getRuntime();
    double packed = packedBytes(model) * 1e-6;
    double cache = context.cacheBytes() * 1e-6;
    System.out.printf(Locale.ROOT,
        "memory: packed weights %.0f MB, mapped; cache of %d tokens %.1f MB; heap %.0f MB, used %.0f MB%n",
        packed, CAPACITY, cache, java.totalMemory() * 1e-6, (java.totalMemory() - java.freeMemory()) * 1e-6);
    if (Files.exists(Path.of(STATUS))) {
      double resident = kilobytes("VmRSS:") * 1.024e-3;
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

  private void contest(LlamaModel model, LlamaContext context, Path file) {
    List<String> names = new ArrayList<>(List.of("decode step", "its products"));
    Optional<LimitLoops> limit = LimitLoops.here(loops);
    try (LlamaPeers peers = new LlamaPeers(); GgufFile gguf = GgufFile.open(file)) {
      List<Runnable> turns = new ArrayList<>(
          List.of(() -> decode(context, 1), peers.products(model.products(), model.shape().longestRow())));
      if (limit.isPresent()) {
        names.add("reading");
        turns.add(peers.reading(limit.get(), packedBytes(model), threads));
      }
      if (ggml != null) {
        names.add("ggml");
        turns.add(peers.ggml(ggml, gguf, threads));
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
            ratio(rounds, i, names.indexOf("reading")), ratio(rounds, i, names.indexOf("ggml")));
      }
    }
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

package dev.octet.bench.blocks;

import dev.octet.BlockFormat;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.bench.usage.Usage;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.ResultsCsv;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Effort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * Times products of float rows with weights in block formats: Octet, ggml and what the machine can do, in
 * turns.
 */
public final class BlockSuite {
  private static final int SIZE = 4096;
  private static final int SMALL = 512;
  /** Together larger than the caches. */
  private static final int ROTATING = 12;
  private static final int PROMPT = 128;
  /** To be quoted. */
  private static final Effort QUOTED = new Effort(1, 101, 10);
  /** To see that it runs. */
  private static final Effort QUICK = new Effort(0.02, 3, 0.1);

  @Option(names = "--ggml", description = "llama-decode: the folder of ggml, which ci/peers fetches")
  private Path ggmlFolder;

  @Option(names = "--formats", split = ",", description = "llama-decode: only these of ${COMPLETION-CANDIDATES}")
  private List<BlockFormat> formats = List.of(BlockFormat.values());

  private final Set<String> reasons = new LinkedHashSet<>();

  /** Refuses a folder that has no ggml, before anything is measured. */
  public void checkOptions(CommandSpec spec) {
    if (ggmlFolder != null) {
      Usage.value(spec, "--ggml", () -> Ggml.check(ggmlFolder));
    }
  }

  /**
   * Measures.
   *
   * @param peers who is here, and ggml if it is wanted
   * @param loops the folder of the library bench-loops
   * @param threads numbers of threads
   * @param quick whether to see that it runs, not to quote
   * @param csv takes the times
   */
  public void run(Set<Peer> peers, Path loops, List<Integer> threads, boolean quick, ResultsCsv csv)
      throws IOException {
    run(peers, loops, threads, SIZE, quick ? QUICK : QUOTED, csv);
  }

  /**
   * Measures small matrices, as part of the smoke.
   *
   * @param peers who is here, and ggml if it is wanted
   * @param loops the folder of the library bench-loops
   * @param csv takes the times
   */
  public void runShortest(Set<Peer> peers, Path loops, ResultsCsv csv) throws IOException {
    run(peers, loops, List.of(1), SMALL, QUICK, csv);
  }

  private void run(Set<Peer> peers, Path loops, List<Integer> threads, int size, Effort effort,
      ResultsCsv csv) throws IOException {
    Optional<Ggml> ggml = Optional.ofNullable(peers.contains(Peer.GGML) ? ggmlFolder : null).map(Ggml::open);
    Optional<LimitLoops> limit = LimitLoops.here(loops);
    say("");
    ggml.ifPresent(library -> say("ggml " + library.version() + ", build " + library.build()));
    if (peers.contains(Peer.GGML) && ggml.isEmpty()) {
      say("Left out: ggml: ci/peers fetches it, --ggml names its folder");
    }
    say(limit.isPresent()
        ? "limit, of one thread: for one row reading the weights, for more multiplying bytes in registers"
        : "Left out: limit: bench-loops was not built, or is not for this CPU");
    say(BlockContest.HEADER);
    for (BlockFormat format : formats) {
      for (int count : threads) {
        for (BlockSetting setting : List.of(new BlockSetting(format, size, 1, 1, count),
            new BlockSetting(format, size, 1, ROTATING, count),
            new BlockSetting(format, size, PROMPT, 1, count))) {
          say(setting.toString());
          for (Measurement row : measure(setting, peers, ggml, limit, effort)) {
            csv.add(row);
          }
        }
      }
    }
  }

  private List<Measurement> measure(BlockSetting setting, Set<Peer> peers, Optional<Ggml> ggml,
      Optional<LimitLoops> limit, Effort effort) {
    try (BlockContest contest = new BlockContest(setting)) {
      if (setting.threads() == 1) {
        limit.ifPresent(contest::addLimit);
      }
      ggml.ifPresent(contest::addGgml);
      for (Peer peer : peers) {
        if (peer.engine() != null && peer != Peer.OCTET_SCALAR && peer != Peer.OCTET_ONEDNN_FUSED) {
          try {
            contest.addOctet(peer);
          } catch (UnsupportedOperationException refused) {
            leaveOut(peer + ": " + refused.getMessage());
          }
        }
      }
      List<String> lines = new ArrayList<>();
      List<Measurement> measured = contest.time(effort, lines);
      lines.forEach(BlockSuite::say);
      return measured;
    }
  }

  /** The same reason is said once. */
  private void leaveOut(String reason) {
    if (reasons.add(reason)) {
      say("Left out: " + reason);
    }
  }

  private static void say(String line) {
    System.out.println(line);
  }
}

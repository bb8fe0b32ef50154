package dev.octet.bench;

import dev.octet.bench.child.ChildJvm;
import dev.octet.bench.minilm.MiniLmShares;
import dev.octet.bench.networks.NetworkShares;
import dev.octet.bench.subject.Subject;
import dev.octet.bench.subject.Subjects;
import dev.octet.harness.report.Figure;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * {@code ci/bench figures}: first results and memory, scaling with threads, a busy neighbour, where the time
 * of whole models goes.
 */
final class FigureRun {
  private static final String BUSY = "Beside a busy thread";
  private static final BenchCase ROW = BenchCase.of("octet-native", "matmul", "128x768x768", "s8s8s8q", 1);

  private final Set<Peer> here;
  private final boolean quick;
  private final Consumer<String> say;

  /**
   * With an effort.
   *
   * @param here who can be measured
   * @param quick whether to see that it runs, not to quote
   * @param say takes a line for each figure
   */
  FigureRun(Set<Peer> here, boolean quick, Consumer<String> say) {
    this.here = here;
    this.quick = quick;
    this.say = say;
  }

  /** Measures all. */
  List<Figure> run() throws IOException, InterruptedException {
    List<Figure> figures = new ArrayList<>(new ColdRun(quick ? 1 : 5).run(here));
    figures.addAll(threads());
    figures.addAll(busy());
    if (here.contains(Peer.OCTET_NATIVE)) {
      figures.addAll((quick ? new MiniLmShares(0.2, 3) : new MiniLmShares(3, 31)).run());
      figures.addAll(new NetworkShares(quick).run());
    }
    figures.forEach(figure -> say.accept(figure.toString()));
    return figures;
  }

  /** Twice as many threads each time, up to the processors. */
  private List<Figure> threads() throws IOException, InterruptedException {
    String peers = ThreadsCall.PEERS.stream().filter(here::contains).map(Peer::toString)
        .collect(Collectors.joining(","));
    List<String> arguments = new ArrayList<>(List.of(quick ? "quick" : "quoted", peers));
    for (int count = 2; count <= Runtime.getRuntime().availableProcessors(); count *= 2) {
      arguments.add(Integer.toString(count));
    }
    if (arguments.size() == 2 || peers.isEmpty()) {
      return List.of();
    }
    return figures(ChildJvm.run(ThreadsCall.class, ThreadsCall.ENVIRONMENT, arguments), say);
  }

  /** Figures of what a child said; why somebody took no turns goes on. */
  static List<Figure> figures(List<String> lines, Consumer<String> say) {
    lines.stream().filter(line -> line.startsWith(ThreadsCall.REASON)).distinct().forEach(
        line -> say
            .accept("Left out: " + ThreadsCall.TOPIC + ": " + line.substring(ThreadsCall.REASON.length())));
    return lines.stream()
        .filter(line -> line.startsWith(ThreadsCall.MARK))
        .map(line -> Figure.parse(line.substring(ThreadsCall.MARK.length()))).toList();
  }

  /** Waits for a call alone and while another thread computes, in this JVM. */
  private List<Figure> busy() {
    List<Figure> figures = new ArrayList<>();
    Crowd crowd = quick ? new Crowd(3, 20) : new Crowd(10, 100);
    for (int threads = 1; threads <= Math.min(2, Runtime.getRuntime().availableProcessors()); threads++) {
      for (Peer peer : List.of(Peer.OCTET_NATIVE, Peer.ORT_U8)) {
        if (here.contains(peer)) {
          figures.addAll(busy(ROW.by(peer).with(threads), crowd));
        }
      }
    }
    return figures;
  }

  private static List<Figure> busy(BenchCase benchCase, Crowd crowd) {
    List<Figure> figures = new ArrayList<>();
    String subject = benchCase.op() + " " + benchCase.shape() + " " + benchCase.form() + " by "
        + benchCase.threads() + (benchCase.threads() == 1 ? " thread" : " threads");
    try (Subject product = Subjects.open(benchCase)) {
      for (Map.Entry<String, Boolean> setting : List.of(Map.entry("busy", true), Map.entry("alone", false))) {
        Crowd.Waits waits = crowd.waits(product.caller(), setting.getValue());
        String peer = benchCase.peer().toString();
        figures.add(Figure.of(BUSY, subject, peer, setting.getKey() + ": 99th percentile", "us",
            waits.p99Micros()));
        figures.add(Figure.of(BUSY, subject, peer, setting.getKey() + ": median", "us",
            waits.medianMicros()));
      }
    }
    return figures;
  }
}

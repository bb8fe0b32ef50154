package dev.octet.bench;

import dev.octet.bench.contest.CaseTurns;
import dev.octet.bench.subject.Subjects;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Effort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Calls of one thread and of several by turns, in a JVM where threads that wait for work sleep: OpenMP's and
 * ONNX Runtime's, which else spin into the next one's turn.
 */
final class ThreadsCall {
  /** The section of the report. */
  static final String TOPIC = "Scaling with threads";
  /** Begins a line that is a figure, as in the file of figures. */
  static final String MARK = "figure: ";
  /** Begins a line that says why somebody takes no turns. */
  static final String REASON = "left out: ";
  /** What the JVM has to be started with. */
  static final Map<String, String> ENVIRONMENT = Map.of("OMP_WAIT_POLICY", "passive");

  /** Who takes turns where they are here. */
  static final List<Peer> PEERS = List.of(Peer.OCTET_NATIVE, Peer.ONEDNN_C, Peer.ORT);

  private static final List<BenchCase> CASES = List.of(
      BenchCase.of("limit", "matmul", "16x768x768", "u8s8u8q", 1),
      BenchCase.of("limit", "matmul", "128x768x768", "u8s8u8q", 1),
      BenchCase.of("limit", "matmul", "1x4096x4096", "u8s8u8q", 1),
      BenchCase.of("limit", "conv", "n1_64x56x56_oc64_k3s1p1", "u8s8u8q", 1));

  private ThreadsCall() {}

  /** {@code quick} or {@code quoted}, peers with commas between, then the numbers of threads beside one. */
  public static void main(String[] args) {
    System.setProperty(Subjects.PASSIVE, "true");
    Effort effort = args[0].equals("quick") ? new Effort(0.02, 5, 0.3) : new Effort(0.2, 101, 3);
    List<Integer> threads = new ArrayList<>(List.of(1));
    for (int i = 2; i < args.length; i++) {
      threads.add(Integer.valueOf(args[i]));
    }
    List<Peer> peers = Stream.of(args[1].split(",")).map(Peer::named).toList();
    CaseTurns turns = new CaseTurns(Folders.bench().resolve("target/native"),
        reason -> say(REASON + reason));
    for (BenchCase work : CASES) {
      List<BenchCase> cases = peers.stream()
          .flatMap(peer -> threads.stream().map(count -> work.by(peer).with(count))).toList();
      figures(turns.time(cases, effort)).forEach(figure -> say(MARK + figure.toCsv()));
    }
  }

  /** Of each contestant with several threads how much faster it is than with one, then the times. */
  static List<Figure> figures(List<RoundTimes> times) {
    List<Figure> figures = new ArrayList<>();
    for (RoundTimes row : times) {
      times.stream().filter(one -> one.benchCase().equals(row.benchCase().with(1)) && one != row).findFirst()
          .ifPresent(one -> figures.add(figure(row, count(row) + " over 1", "times",
              IntStream.range(0, row.micros().length).mapToDouble(i -> one.micros()[i] / row.micros()[i])
                  .toArray())));
    }
    times.forEach(row -> figures.add(figure(row, count(row), "us", row.micros())));
    return figures;
  }

  private static String count(RoundTimes row) {
    int threads = row.benchCase().threads();
    return threads + (threads == 1 ? " thread" : " threads");
  }

  private static Figure figure(RoundTimes row, String what, String unit, double[] samples) {
    BenchCase benchCase = row.benchCase();
    return Figure.of(TOPIC, benchCase.op() + " " + benchCase.shape() + " " + benchCase.form(),
        benchCase.peer().toString(), what, unit, samples);
  }

  private static void say(String line) {
    System.out.println(line);
  }
}

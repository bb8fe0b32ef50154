package dev.octet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.bench.child.ChildJvm;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FigureRunTest {
  private static final String PRODUCT = "matmul 128x768x768 u8s8s32";
  private static final String DECODE = "matmul 1x4096x4096 s8s8s8q";

  private static double median(List<Figure> figures, String subject, String peer, String what) {
    return figures.stream().filter(figure -> figure.subject().equals(subject) && figure.peer().equals(peer)
        && figure.what().equals(what)).findFirst()
        .orElseThrow(
            () -> new AssertionError("no " + what + " of " + peer + " at " + subject + " in " + figures))
        .median();
  }

  @Test
  void startsThreadsAndANeighbour() throws IOException, InterruptedException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "skipped, memory is counted on Linux alone");
    assumeTrue(Tiers.highest().isPresent(), "skipped, no engine NATIVE here");
    List<String> said = new ArrayList<>();
    List<Figure> figures = new FigureRun(Set.of(Peer.OCTET_NATIVE, Peer.ORT), true, said::add).run();
    assertEquals(figures.size(), said.size());
    assertTrue(median(figures, "a JVM that computes nothing", "java", "start to first result") > 0);
    double alone = median(figures, "a JVM that computes nothing", "java", "peak memory");
    for (String peer : List.of("octet-native", "ort")) {
      double first = median(figures, PRODUCT, peer, "start to first result");
      assertTrue(first > median(figures, PRODUCT, peer, "open and prepare"), peer + " took " + first + " ms");
      assertTrue(median(figures, PRODUCT, peer, "peak memory") > alone, peer);
    }
    assertEquals(0, median(figures, PRODUCT, "octet-native", "garbage of a call"));
    double packed = median(figures, DECODE + " packed", "octet-native", "packed weights");
    assertTrue(packed >= 4096 * 4096e-6, packed + " MB");
    assertEquals(packed, median(figures, DECODE + " mapped", "octet-native", "packed weights"), 0.1);
    assertEquals(0, median(figures, DECODE + " mapped", "octet-native", "garbage of a call"));
    if (Runtime.getRuntime().availableProcessors() > 1) {
      assertTrue(median(figures, "matmul 128x768x768 u8s8u8q", "ort", "2 threads over 1") > 0);
      assertTrue(median(figures, "matmul 128x768x768 s8s8s8q by 2 threads", "octet-native",
          "busy: 99th percentile") > 0);
    }
    for (String parts : List.of("Where the time of a transformer goes all-MiniLM-L6-v2-q of 16 tokens",
        "Where the time of a transformer goes all-MiniLM-L6-v2-q of 128 tokens",
        "Where the time of a convolutional network goes mobilenetv2 of 96x96x3")) {
      List<Figure> shares = figures.stream().filter(
          figure -> (figure.topic() + " " + figure.subject()).equals(parts) && figure.unit().equals("%"))
          .toList();
      assertTrue(shares.size() >= 5, parts + ": " + shares);
      assertTrue(shares.stream().allMatch(share -> share.low() >= 0 && share.high() < 100),
          parts + ": " + shares);
      assertTrue(shares.getFirst().low() > 0, parts + ": " + shares);
    }
    assertEquals(Set.of("java", "octet-native", "ort"),
        figures.stream().map(Figure::peer).collect(Collectors.toSet()));
  }

  @Test
  void speedupIsThatOfARound() {
    BenchCase one = BenchCase.of("ort", "matmul", "1x64x96", "u8s8s32", 1);
    List<Figure> figures = ThreadsCall.figures(List.of(new RoundTimes(one, "k", new double[]{10, 20, 40}),
        new RoundTimes(one.with(2), "k", new double[]{5, 20, 10})));
    assertEquals(
        List.of("2 threads over 1: 2.00 [1.00 4.00]", "1 thread: 20.0 [10.0 40.0]",
            "2 threads: 10.0 [5.00 20.0]"),
        figures.stream().map(figure -> figure.what() + ": " + figure.text()).toList());
  }

  /** Who took no turns is no row of the table: the reason is all that is known. */
  @Test
  void reasonsOfAChildAreSaid() {
    List<String> said = new ArrayList<>();
    Figure figure = Figure.of("a", "b", "c", "d", "us", 1);
    assertEquals(List.of(figure),
        FigureRun.figures(List.of("WARNING: whatever", ThreadsCall.REASON + "onednn-c: it was not built",
            ThreadsCall.REASON + "onednn-c: it was not built", ThreadsCall.MARK + figure.toCsv()),
            said::add));
    assertEquals(List.of("Left out: Scaling with threads: onednn-c: it was not built"), said);
  }

  @Test
  void aChildThatFailsSaysWhy() {
    IOException e = assertThrows(IOException.class,
        () -> ChildJvm.run(ColdCall.class, Map.of(), List.of("nobody", "matmul", "1x64x96", "u8s8s32")));
    assertTrue(e.getMessage().startsWith("ColdCall nobody matmul 1x64x96 u8s8s32 ended with code 1:"),
        e.getMessage());
    assertTrue(e.getMessage().contains("peer \"nobody\" runs no cases in this process"), e.getMessage());
  }
}

package dev.octet.bench;

import dev.octet.bench.child.ChildJvm;
import dev.octet.bench.child.Told;
import dev.octet.bench.subject.Subjects;
import dev.octet.harness.report.Figure;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the first call in a JVM costs and what memory it takes, in JVMs of their own: of every engine and of
 * ONNX Runtime, and of weights that are packed or mapped from a file.
 */
final class ColdRun {
  /** The section of the report. */
  static final String TOPIC = "First result and memory";

  private static final BenchCase PRODUCT = BenchCase.of("octet-native", "matmul", "128x768x768", "u8s8s32",
      1);
  private static final BenchCase DECODE = BenchCase.of("octet-native", "matmul", "1x4096x4096", "s8s8s8q", 1);
  private static final List<Peer> PEERS = List.of(Peer.OCTET_NATIVE, Peer.OCTET_VECTOR, Peer.OCTET_ONEDNN,
      Peer.ORT);

  private final int samples;

  /**
   * With an effort.
   *
   * @param samples JVMs of each row
   */
  ColdRun(int samples) {
    this.samples = samples;
  }

  /**
   * Measures.
   *
   * @param here who can be measured
   * @return the figures
   */
  List<Figure> run(Set<Peer> here) throws IOException, InterruptedException {
    List<Figure> figures = new ArrayList<>(start("a JVM that computes nothing", "java", List.of()));
    for (Peer peer : PEERS) {
      if (here.contains(peer)) {
        figures.addAll(start(name(PRODUCT), peer.toString(), words(PRODUCT.by(peer))));
      }
    }
    if (here.contains(Peer.OCTET_NATIVE)) {
      figures.addAll(mapped());
    }
    return figures;
  }

  /** Weights of 17 MB that are packed when they are needed, beside such as lie packed in a file. */
  private List<Figure> mapped() throws IOException, InterruptedException {
    List<Figure> figures = new ArrayList<>(start(name(DECODE) + " packed", DECODE.peer().toString(),
        words(DECODE)));
    Path folder = Files.createTempDirectory("octet-cold");
    Path file = folder.resolve("weights.packed");
    try {
      Subjects.writePacked(DECODE, file);
      List<String> arguments = new ArrayList<>(words(DECODE));
      arguments.add(file.toString());
      figures.addAll(start(name(DECODE) + " mapped", DECODE.peer().toString(), arguments));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
    return figures;
  }

  private static String name(BenchCase benchCase) {
    return benchCase.op() + " " + benchCase.shape() + " " + benchCase.form();
  }

  private static List<String> words(BenchCase benchCase) {
    return List.of(benchCase.peer().toString(), benchCase.op().toString(), benchCase.shape().toString(),
        benchCase.form().toString());
  }

  private List<Figure> start(String subject, String peer, List<String> arguments)
      throws IOException, InterruptedException {
    List<Told> told = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      double started = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) * 1e-3;
      for (Told sample : Told.of(ChildJvm.run(ColdCall.class, Map.of(), arguments))) {
        told.add(sample.what().equals(ColdCall.FIRST)
            ? new Told("start to " + sample.what(), sample.unit(), sample.value() - started)
            : sample);
      }
    }
    return Told.figures(TOPIC, subject, peer, told);
  }
}

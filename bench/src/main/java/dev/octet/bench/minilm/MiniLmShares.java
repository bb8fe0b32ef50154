package dev.octet.bench.minilm;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.report.TimeShares;
import dev.octet.harness.shape.Peer;
import dev.octet.minilm.ModelFiles;
import dev.octet.onnx.NodeTime;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.PreparedOnnx;
import dev.octet.onnx.value.Tensor;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the time of all-MiniLM-L6-v2-q goes, by kind of node. */
public final class MiniLmShares {
  /** The section of the report. */
  public static final String TOPIC = "Where the time of a transformer goes";

  private static final int[] TOKENS = {16, 128};
  /** Runs of a sample: of each node the median counts. */
  private static final int RUNS = 11;

  private final double warmUpSeconds;
  private final int samples;

  /**
   * With an effort.
   *
   * @param warmUpSeconds for each length
   * @param samples of which each is {@value #RUNS} runs
   */
  public MiniLmShares(double warmUpSeconds, int samples) {
    this.warmUpSeconds = warmUpSeconds;
    this.samples = samples;
  }

  /** Measures a sentence of each length, on one thread. */
  public List<Figure> run() {
    List<Figure> figures = new ArrayList<>();
    try (Octet octet = Octet.builder().engine(Peer.OCTET_NATIVE.engine()).threads(1).open();
        PreparedOnnx model = open(octet)) {
      for (int tokens : TOKENS) {
        Map<String, Tensor> sentence = sentence(tokens);
        Rounds.warmUp(() -> model.run(sentence), warmUpSeconds);
        TimeShares shares = new TimeShares();
        for (int i = 0; i < samples; i++) {
          shares.add(byKind(model.profile(sentence, RUNS).nodes()));
        }
        figures.addAll(shares.figures(TOPIC, "all-MiniLM-L6-v2-q of " + tokens + " tokens",
            Peer.OCTET_NATIVE.toString()));
      }
    }
    return figures;
  }

  /** The published int8 file. */
  static PreparedOnnx open(Octet octet) {
    try (OnnxModel model = OnnxModel
        .open(new ByteArrayInputStream(ModelFiles.read(ModelFiles.INT8_MODEL)))) {
      return model.prepare(octet);
    }
  }

  private static Map<String, Tensor> sentence(int tokens) {
    Shape shape = Shape.of(1, tokens);
    long[] ids = new long[tokens];
    Arrays.setAll(ids, i -> 1000 + i * 131L);
    long[] ones = new long[tokens];
    Arrays.fill(ones, 1);
    return Map.of("input_ids", Tensor.longs(shape, ids), "attention_mask", Tensor.longs(shape, ones),
        "token_type_ids", Tensor.longs(shape, new long[tokens]));
  }

  private static Map<String, Double> byKind(List<NodeTime> nodes) {
    Map<String, Double> times = new LinkedHashMap<>();
    for (NodeKind kind : NodeKind.values()) {
      times.put(kind.toString(), 0.0);
    }
    nodes.forEach(time -> times.merge(NodeKind.of(time.node()).toString(), time.medianMicros(), Double::sum));
    return times;
  }
}

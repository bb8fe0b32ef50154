package dev.octet.bench.networks;

import dev.octet.DataType;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.report.TimeShares;
import dev.octet.harness.shape.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the time of convolutional networks goes, by sort of layer. */
public final class NetworkShares {
  /** The section of the report. */
  public static final String TOPIC = "Where the time of a convolutional network goes";

  private static final long SEED = 20;

  private final boolean quick;

  /**
   * With an effort.
   *
   * @param quick whether to see that it runs, with small images of one network, not to quote
   */
  public NetworkShares(boolean quick) {
    this.quick = quick;
  }

  /** Measures each network with one image, on one thread. */
  public List<Figure> run() {
    List<Figure> figures = new ArrayList<>();
    for (Architecture architecture : quick
        ? List.of(MobileNetV2.of(96))
        : List.of(MobileNetV2.of(224), ResNet50.of(224))) {
      figures.addAll(run(architecture));
    }
    return figures;
  }

  private List<Figure> run(Architecture architecture) {
    FloatNetwork floats = new FloatNetwork(architecture, SEED);
    QuantizedNetwork integers = new QuantizedNetwork(floats, QuantizedNetwork.observe(floats), DataType.U8);
    try (OctetNetwork network = new OctetNetwork(integers, Peer.OCTET_NATIVE.engine(), 1, 1)) {
      network.image().copyFrom(integers.quantize(floats.images(1, 2)));
      Rounds.warmUp(network::run, quick ? 0.2 : 3);
      TimeShares shares = new TimeShares();
      double[][] micros = LayerTimes.micros(network, quick ? 3 : 101);
      for (int round = 0; round < micros[0].length; round++) {
        Map<String, Double> sample = new LinkedHashMap<>();
        for (int layer = 0; layer < micros.length; layer++) {
          sample.merge(LayerTimes.sort(architecture.layers().get(layer)), micros[layer][round], Double::sum);
        }
        shares.add(sample);
      }
      return shares.figures(TOPIC, architecture.name() + " of " + architecture.tensor(0),
          Peer.OCTET_NATIVE.toString());
    }
  }
}

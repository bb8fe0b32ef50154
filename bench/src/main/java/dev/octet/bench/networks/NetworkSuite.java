package dev.octet.bench.networks;

import dev.octet.DataType;
import dev.octet.bench.NativeProgram;
import dev.octet.bench.usage.Usage;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.ResultsCsv;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Times whole networks: everybody who is here in turns, then Octet's engines layer by layer. */
public final class NetworkSuite {
  /** The topic of its figures. */
  static final String TOPIC = "Whole networks";

  private static final long SEED = 20;

  /** Models. */
  enum Model {
    /** MobileNetV2. */
    mobilenetv2(MobileNetV2::of),
    /** ResNet-50 v1.5. */
    resnet50(ResNet50::of);

    @SuppressWarnings("ImmutableEnumChecker") // a method reference
    private final IntFunction<Architecture> layers;

    Model(IntFunction<Architecture> layers) {
      this.layers = layers;
    }
  }

  /** What is measured together. */
  private record Setting(Architecture architecture, int batch, int threads) {
    String shape() {
      Architecture.Image image = architecture.tensor(0);
      return "n" + batch + "_" + image.channels() + "x" + image.height() + "x" + image.width();
    }

    String words() {
      return architecture.name() + " batch " + batch + " by " + threads
          + (threads == 1 ? " thread" : " threads");
    }

    Measurement whole(Contestant contestant, double micros) {
      return new Measurement(contestant.peer().toString(), architecture.name(), shape(), contestant.form(),
          threads, micros, 2e-3 * batch * architecture.products() / micros, "", Double.NaN);
    }
  }

  @Option(names = "--models", split = ",", description = "networks: ${COMPLETION-CANDIDATES}; of the suite networks alone")
  private List<Model> models = List.of(Model.values());

  @Option(names = "--batch", split = ",", description = "images of a run; of the suite networks alone", defaultValue = "1,8")
  private List<Integer> batches;

  @Option(names = "--size", description = "rows and columns of an image; of the suite networks alone", defaultValue = "224")
  private int size;

  private NativeProgram onednn;
  private Set<Peer> peers;
  private ResultsCsv results;
  private Effort effort;
  private final List<Figure> figures = new ArrayList<>();

  /** How long to measure. */
  private record Effort(double warmUpSeconds, int rounds, double seconds, int millis) {
    /** To be quoted. */
    static final Effort QUOTED = new Effort(4, 31, 60, 200);
    /** To see that it runs. */
    static final Effort QUICK = new Effort(0.2, 3, 1, 10);
  }

  /** Refuses values that no network takes, before anything is measured. */
  public void checkOptions(CommandSpec spec) {
    for (int batch : batches) {
      if (batch < 1 || batch > 1024) {
        throw Usage.wrong(spec, "--batch", "numbers from 1 to 1024", batch);
      }
    }
    if (size < 32 || size > 4096) {
      throw Usage.wrong(spec, "--size", "a number from 32 to 4096", size);
    }
  }

  /** What whole networks took, of all runs so far. */
  public List<Figure> figures() {
    return List.copyOf(figures);
  }

  /**
   * Measures.
   *
   * @param here who is here
   * @param onednnProgram for FP32 layer by layer
   * @param threads numbers of threads
   * @param quick whether to see that it runs, not to quote
   * @param csv takes the times of networks and layers
   */
  public void run(Set<Peer> here, NativeProgram onednnProgram, List<Integer> threads, boolean quick,
      ResultsCsv csv) throws IOException, InterruptedException {
    this.peers = here;
    this.onednn = onednnProgram;
    this.results = csv;
    this.effort = quick ? Effort.QUICK : Effort.QUOTED;
    for (Model model : models) {
      FloatNetwork floats = new FloatNetwork(model.layers.apply(size), SEED);
      QuantizedNetwork network = new QuantizedNetwork(floats, QuantizedNetwork.observe(floats), DataType.U8);
      for (int count : threads) {
        for (int batch : batches) {
          measure(new Setting(floats.architecture(), batch, count), floats, network);
        }
      }
    }
  }

  /**
   * Measures the smaller network with small images, as part of the smoke.
   *
   * @param here who is here
   * @param onednnProgram for FP32 layer by layer
   * @param csv takes the times of networks and layers
   */
  public void runShortest(Set<Peer> here, NativeProgram onednnProgram, ResultsCsv csv)
      throws IOException, InterruptedException {
    models = List.of(Model.mobilenetv2);
    batches = List.of(1);
    size = 96;
    run(here, onednnProgram, List.of(1), true, csv);
  }

  private void measure(Setting setting, FloatNetwork floats, QuantizedNetwork network)
      throws IOException, InterruptedException {
    say("");
    say(setting.architecture + ", batch " + setting.batch + ", "
        + (setting.threads == 1 ? "1 thread" : setting.threads + " threads")
        + String.format(": %,.0f million products an image, %,.1f MB of weights at int8",
            setting.architecture.products() * 1e-6, network.weightBytes() * 1e-6));
    List<Contestant> contestants = new ArrayList<>();
    List<OctetNetwork> octets = new ArrayList<>();
    try {
      open(setting, floats, network, contestants, octets);
      if (contestants.isEmpty()) {
        return;
      }
      time(setting, contestants);
      LayerTimes layers = new LayerTimes(setting.architecture, setting.batch, setting.threads);
      for (OctetNetwork octet : octets) {
        layers.add(octet, effort.rounds);
      }
      if (peers.contains(Peer.ONEDNN_C)) {
        layers.addFloats(onednn, effort.millis);
      }
      for (Measurement layer : layers.measurements()) {
        results.add(layer);
      }
      layers.lines().forEach(NetworkSuite::say);
    } finally {
      for (Contestant contestant : contestants) {
        close(contestant);
      }
    }
  }

  private static void close(Contestant contestant) {
    try {
      contestant.closing().close();
    } catch (Exception e) {
      throw new IllegalStateException(contestant.name(), e);
    }
  }

  /** Opens those who are here; every integer network has to give the same logits. */
  private void open(Setting setting, FloatNetwork floats, QuantizedNetwork network,
      List<Contestant> contestants, List<OctetNetwork> octets) {
    int batch = setting.batch;
    float[] images = floats.images(batch, 2);
    MemorySegment integers = network.quantize(images);
    int last = setting.architecture.last();
    MemorySegment expected = null;
    if (peers.contains(Peer.ORT)) {
      OrtNetwork real = new OrtNetwork(OnnxModel.floats(floats, batch, OnnxModel.Outputs.LAST),
          setting.threads);
      contestants.add(new Contestant(Peer.ORT, Contestant.FLOATS, real::run, real));
      real.setImages(MemorySegment.ofArray(images));
      OrtNetwork ort = new OrtNetwork(OnnxModel.integers(network, batch, OnnxModel.Outputs.LAST),
          setting.threads);
      contestants.add(new Contestant(Peer.ORT, LayerTimes.INTEGERS, ort::run, ort));
      ort.setImages(integers);
      ort.run();
      expected = ort.pixels(last);
    }
    for (Peer peer : peers) {
      if (peer.engine() == null || peer == Peer.OCTET_ONEDNN_FUSED || peer == Peer.OCTET_SCALAR) {
        continue;
      }
      try {
        OctetNetwork octet = new OctetNetwork(network, peer.engine(), setting.threads, batch);
        contestants.add(new Contestant(peer, LayerTimes.INTEGERS, octet::run, octet));
        octets.add(octet);
        octet.image().copyFrom(integers);
        octet.run();
        MemorySegment logits = octet.tensor(last);
        if (expected == null) {
          expected = MemorySegment.ofArray(new byte[Math.toIntExact(logits.byteSize())]).copyFrom(logits);
        } else if (expected.mismatch(logits) >= 0) {
          throw new IllegalStateException(peer + ": other logits of " + setting.architecture + " than "
              + contestants.get(contestants.size() - 2).name());
        }
      } catch (UnsupportedOperationException refused) {
        say("Left out: " + peer + ": " + refused.getMessage());
      }
    }
    octets.stream().limit(1).forEach(octet -> say(String.format(
        "Activations of Octet: %,d bytes, %,d if each had memory of its own", octet.plan().bytes(),
        octet.plan().bytesApart())));
  }

  private void time(Setting setting, List<Contestant> contestants) throws IOException {
    Rounds rounds = Rounds.run(contestants.stream().map(Contestant::run).toList(), effort.warmUpSeconds,
        effort.rounds, effort.seconds, System::nanoTime);
    boolean ort = contestants.getFirst().peer() == Peer.ORT;
    say(String.format("  %-22s %10s   %-26s %s", "", "median us", ort ? "x ort f32 [p10 p90]" : "",
        ort ? "x ort u8s8u8q [p10 p90]" : "").stripTrailing());
    for (int i = 0; i < contestants.size(); i++) {
      double micros = rounds.medianMicros(i);
      results.add(setting.whole(contestants.get(i), micros));
      say(String.format("  %-22s %10.0f   %-26s %s", contestants.get(i).name(), micros,
          ort ? ratio(rounds, i, 0) : "", ort ? ratio(rounds, i, 1) : "").stripTrailing());
    }
    say("  " + rounds.count() + " rounds");
    figures.addAll(figures(setting.words(), contestants, rounds));
  }

  /** Milliseconds of each, and ratios to ONNX Runtime round by round. */
  static List<Figure> figures(String subject, List<Contestant> contestants, Rounds rounds) {
    List<String> names = contestants.stream().map(Contestant::figureName).toList();
    List<Figure> figures = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      figures.add(Figure.of(TOPIC, subject, names.get(i), "a run", "ms",
          rounds.millis(i)));
      for (String other : List.of(Contestant.ORT_FLOATS, Contestant.ORT_INTEGERS)) {
        int index = names.indexOf(other);
        if (index >= 0 && index != i) {
          figures.add(Figure.of(TOPIC, subject, names.get(i), "over " + other, "times",
              rounds.ratios(i, index)));
        }
      }
    }
    return figures;
  }

  private static String ratio(Rounds rounds, int contestant, int other) {
    return contestant == other
        ? ""
        : String.format("%.2f [%.2f %.2f]", rounds.ratio(contestant, other, 0.5),
            rounds.ratio(contestant, other, 0.1), rounds.ratio(contestant, other, 0.9));
  }

  private static void say(String line) {
    System.out.println(line);
  }
}

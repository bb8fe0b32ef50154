package dev.octet.bench.digits;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * Trains each network in float, quantizes it after training and by training on, at each precision, and runs
 * the trained one on the integers of each engine.
 */
final class Study {
  /** How much of everything. */
  record Size(int trainImages, int testImages, int floatEpochs, int awareEpochs) {
    static final Size FULL = new Size(10_000, 2_000, 30, 10);
  }

  /**
   * One line of the table; accuracies in percent.
   *
   * @param ptq quantized after training
   * @param qat trained on, fake-quantized
   * @param integers the same network on each engine, by the engine's name
   */
  record Row(String network, Precision precision, double fp32, double ptq, double qat,
      Map<String, Agreement> integers) {}

  /**
   * A network on an engine beside its fake-quantized twin.
   *
   * @param top1 its accuracy in percent
   * @param differing images that it takes for something else than the twin does
   * @param kernels which ones ran; or why the engine does not take the network, with the rest 0
   */
  record Agreement(double top1, int differing, String kernels, boolean taken) {}

  private static final List<Precision> PRECISIONS = List.of(new Precision(8, 8, false),
      new Precision(8, 8, true), new Precision(4, 8, false), new Precision(4, 8, true),
      new Precision(4, 4, false), new Precision(4, 4, true));
  /** The name of Octet's own choice of engines. */
  static final String AUTO = "AUTO";

  private static final float FLOAT_RATE = 2e-3f;
  private static final float AWARE_RATE = 1e-2f;

  private final Size size;
  private final long seed;
  private final Consumer<String> progress;
  private final DigitImages train;
  private final DigitImages test;

  Study(Size size, long seed, Consumer<String> progress) {
    this.size = size;
    this.seed = seed;
    this.progress = progress;
    this.train = DigitImages.draw(seed, size.trainImages());
    this.test = DigitImages.draw(seed + 1, size.testImages());
  }

  /**
   * Does it all.
   *
   * @param threads networks that are trained at once; no figure depends on it
   * @return two networks, each at every precision
   */
  List<Row> run(int threads) throws ExecutionException, InterruptedException {
    Map<String, Octet> octets = octets();
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      Map<String, Future<Network>> floats = new LinkedHashMap<>();
      floats.put("CNN", executor.submit(() -> trainInFloat("CNN", Network::convolutional)));
      floats.put("MLP", executor.submit(() -> trainInFloat("MLP", Network::perceptron)));
      List<Future<Row>> rows = new ArrayList<>();
      for (Map.Entry<String, Future<Network>> trained : floats.entrySet()) {
        Network network = trained.getValue().get();
        double fp32 = accuracy(network.copy().classify(test));
        for (Precision precision : PRECISIONS) {
          rows.add(executor.submit(() -> row(trained.getKey(), network, fp32, precision, octets)));
        }
      }
      List<Row> table = new ArrayList<>();
      for (Future<Row> row : rows) {
        table.add(row.get());
      }
      return table;
    } finally {
      executor.shutdownNow();
      octets.values().forEach(Octet::close);
    }
  }

  /** The choice of Octet itself, and each engine that is there. */
  private static Map<String, Octet> octets() {
    Map<String, Octet> octets = new LinkedHashMap<>();
    Octet auto = Octet.builder().threads(1).open();
    octets.put(AUTO, auto);
    for (EngineStatus status : auto.engines()) {
      if (status.available()) {
        Engine engine = status.engine();
        octets.put(engine.name(), Octet.builder().engine(engine).threads(1).open());
      }
    }
    return octets;
  }

  /** Trained on at the end as quantized networks will be, so that none of them wins by mere training. */
  private Network trainInFloat(String name, LongFunction<Network> make) {
    Network network = make.apply(seed + 2);
    long start = System.nanoTime();
    new Training(size.floatEpochs(), FLOAT_RATE, true, 0).run(network, train, seed + 3);
    double loss = trainOn(network);
    progress.accept(String.format("%s in float: cross entropy %.4f, %.1f s", name, loss, seconds(start)));
    return network;
  }

  private double trainOn(Network network) {
    return new Training(size.awareEpochs(), AWARE_RATE, false, .5).run(network, train, seed + 4);
  }

  private Row row(String name, Network network, double fp32, Precision precision,
      Map<String, Octet> octets) {
    long start = System.nanoTime();
    double ptq = accuracy(Calibration.byRange(network, precision, train).classify(test));
    Network aware = Calibration.byLsq(network, precision, train);
    double loss = trainOn(aware);
    byte[] twin = aware.classify(test);
    Map<String, Agreement> integers = new LinkedHashMap<>();
    octets.forEach((engine, octet) -> integers.put(engine, agreement(octet, octets.get(AUTO), aware, twin)));
    progress
        .accept(String.format("%s %s: cross entropy %.4f, %.1f s", name, precision, loss, seconds(start)));
    return new Row(name, precision, fp32, ptq, accuracy(twin), integers);
  }

  private Agreement agreement(Octet octet, Octet auto, Network network, byte[] twin) {
    try (IntegerNetwork integers = new IntegerNetwork(octet, auto, network)) {
      byte[] digits = integers.classify(test);
      int differing = 0;
      for (int i = 0; i < digits.length; i++) {
        differing += digits[i] == twin[i] ? 0 : 1;
      }
      return new Agreement(accuracy(digits), differing, integers.kernels(), true);
    } catch (UnsupportedOperationException lacking) {
      return new Agreement(0, 0, lacking.getMessage(), false);
    }
  }

  private double accuracy(byte[] digits) {
    int right = 0;
    for (int i = 0; i < digits.length; i++) {
      right += digits[i] == test.labels()[i] ? 1 : 0;
    }
    return 100.0 * right / digits.length;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}

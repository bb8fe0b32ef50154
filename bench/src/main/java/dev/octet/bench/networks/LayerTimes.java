package dev.octet.bench.networks;

import dev.octet.bench.NativeProgram;
import dev.octet.bench.networks.Architecture.Image;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.shape.ConvShape;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the time goes: medians of each layer, of Octet's engines within runs of the whole network, of oneDNN
 * at FP32 for each convolution and product alone, called from C.
 */
final class LayerTimes {
  /** The form of integer networks. */
  static final String INTEGERS = "u8s8u8q";

  private final Architecture architecture;
  private final int batch;
  private final int threads;
  /** Microseconds of each layer by who ran it; NaN for a layer that it does not have. */
  private final Map<Column, double[]> columns = new LinkedHashMap<>();

  private record Column(Peer peer, String form) {}

  LayerTimes(Architecture architecture, int batch, int threads) {
    this.architecture = architecture;
    this.batch = batch;
    this.threads = threads;
  }

  /** Times the layers of a network that is warm. */
  void add(OctetNetwork network, int rounds) {
    double[][] micros = micros(network, rounds);
    columns.put(new Column(Peer.of(network.engine()), INTEGERS),
        Arrays.stream(micros).mapToDouble(times -> Rounds.quantile(times, 0.5)).toArray());
  }

  /** The times of a network that is warm, by layer and round. */
  static double[][] micros(OctetNetwork network, int rounds) {
    int layers = network.layers();
    double[][] micros = new double[layers][rounds];
    long[] ends = new long[layers];
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      network.run(layer -> ends[layer] = System.nanoTime());
      for (int layer = 0; layer < layers; layer++) {
        micros[layer][round] = (ends[layer] - (layer == 0 ? start : ends[layer - 1])) * 1e-3;
      }
    }
    return micros;
  }

  /** Times oneDNN at FP32. */
  void addFloats(NativeProgram onednn, int millis) throws IOException, InterruptedException {
    List<String> cases = architecture.layers().stream().map(this::floatCase).toList();
    Set<String> distinct = new LinkedHashSet<>(cases);
    distinct.remove("");
    Map<String, Double> micros = new LinkedHashMap<>();
    String input = distinct.stream().map(line -> line + "\n").collect(Collectors.joining());
    for (String line : onednn.run(input, List.of("--ms", Integer.toString(millis)))) {
      if (!line.startsWith("#") && !line.startsWith("!")) {
        Measurement row = Measurement.parse(line);
        micros.put(String.join(" ", row.op(), row.shape(), row.dtype(), Integer.toString(row.threads())),
            row.medianMicros());
      }
    }
    columns.put(new Column(Peer.ONEDNN_C, Contestant.FLOATS),
        cases.stream().mapToDouble(line -> micros.getOrDefault(line, Double.NaN)).toArray());
  }

  /** A layer as the program onednn-c reads it, or "". */
  private String floatCase(Layer layer) {
    Image in = architecture.tensor(layer.input());
    return switch (layer.kind()) {
      case CONVOLUTION -> "conv " + new ConvShape(batch, in.channels(), in.height(), in.width(),
          layer.outChannels(), layer.kernel(), layer.stride(), layer.padding(), 1, layer.groups()) + " "
          + Contestant.FLOATS + " " + threads;
      case DENSE -> "matmul " + new MatMulShape(batch, in.channels(), layer.outChannels()) + " "
          + Contestant.FLOATS + " " + threads;
      case ADD, MAX_POOL, GLOBAL_AVERAGE_POOL -> "";
    };
  }

  /** Rows of results.csv; the op is model and layer. */
  List<Measurement> measurements() {
    List<Measurement> rows = new ArrayList<>();
    List<Layer> layers = architecture.layers();
    columns.forEach((column, micros) -> {
      for (int i = 0; i < micros.length; i++) {
        if (!Double.isNaN(micros[i])) {
          double operations = (double) batch * architecture.tensor(i + 1).elements()
              * (layers.get(i).kind().isProduct() ? 2 * architecture.weightsPerChannel(layers.get(i)) : 1);
          rows.add(new Measurement(column.peer.toString(), architecture.name() + "/" + layers.get(i).name(),
              "n" + batch + "_" + architecture.tensor(i + 1), column.form, threads, micros[i],
              operations / micros[i] * 1e-3, "", Double.NaN));
        }
      }
    });
    return rows;
  }

  /** The table: each layer, then the layers of a sort together, then all. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(line("layer, us", "output", columns.keySet().stream()
        .map(column -> column.peer + (column.form.equals(INTEGERS) ? "" : " " + column.form)).toList()));
    List<Layer> layers = architecture.layers();
    Map<String, List<Integer>> sorts = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      lines.add(sum(layers.get(i).name(), architecture.tensor(i + 1).toString(), List.of(i)));
      sorts.computeIfAbsent(sort(layers.get(i)), sort -> new ArrayList<>()).add(i);
    }
    sorts.forEach((sort, members) -> lines.add(sum("all of " + sort, members.size() + "", members)));
    lines.add(sum("all", "", sorts.values().stream().flatMap(List::stream).toList()));
    return lines;
  }

  /** What a layer is added up with. */
  static String sort(Layer layer) {
    String window = layer.kernel() + "x" + layer.kernel();
    return layer.kind() == Layer.Kind.CONVOLUTION
        ? (layer.isDepthwise() ? "depthwise " : "convolution ") + window
        : layer.kind().toString().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private String sum(String name, String output, List<Integer> layers) {
    return line(name, output, columns.values().stream().map(micros -> {
      double sum = layers.stream().mapToDouble(i -> micros[i]).filter(time -> !Double.isNaN(time)).sum();
      return sum == 0 ? "" : String.format(Locale.ROOT, "%.1f", sum);
    }).toList());
  }

  private static String line(String name, String output, List<String> cells) {
    return String.format("  %-26s %-13s%s", name, output,
        cells.stream().map(cell -> String.format(" %14s", cell)).collect(Collectors.joining()))
        .stripTrailing();
  }
}

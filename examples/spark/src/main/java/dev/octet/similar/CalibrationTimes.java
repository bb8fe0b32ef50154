package dev.octet.similar;

import dev.octet.Shape;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FiguresFile;
import dev.octet.harness.report.Machine;
import dev.octet.harness.report.Origin;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Observer;
import dev.octet.quantize.file.RecordedInputs;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.StoredType;
import dev.octet.spark.SparkCalibration;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Times the calibration of 1e7 numbers, of a normal distribution, on one core of Spark beside the same
 * observers in a loop, and of 5.2e7 in 20 files. By turns in one JVM; the ratio is that within a round.
 * Prints the figures, and writes them beside its folder; {@code ci/spark calibration [ROUNDS]} runs it.
 * Arguments: a folder for the files, the rounds that are timed, 15 without it, after half as many that are
 * not.
 */
final class CalibrationTimes {
  private static final StructType SCHEMA = new StructType().add("layer", DataTypes.StringType)
      .add("values", DataTypes.createArrayType(DataTypes.FloatType));
  private static final int LAYERS = 4;
  private static final int FEATURES = 768;
  /** Of each layer; in all 1e7 numbers, and five times as many in 20 files. */
  private static final int ROWS = 3255;
  private static final int COPIES = 5;
  private static final String TOPIC = "Calibration on Spark";
  private static final String ARRAYS = "arrays";
  private static final String FILES = "4 files of safetensors";
  private static final String MORE_FILES = "20 files of safetensors";
  /** With fewer rounds, half as many of 20 files, the figures are to see that it runs. */
  private static final int ROUNDS_TO_QUOTE = 9;

  private final SparkSession spark;
  private final Path folder;
  /** By layer. */
  private final List<float[][]> arrays = new ArrayList<>();
  private final List<Figure> figures = new ArrayList<>();

  /**
   * What is timed.
   *
   * @param subject where the numbers are
   * @param alone the subject that one machine has beside it; null: this is one machine
   * @param run observes them
   */
  private record Way(String subject, String alone, Supplier<SortedMap<String, Observer>> run) {}

  private CalibrationTimes(SparkSession spark, Path folder) {
    this.spark = spark;
    this.folder = folder;
    Random random = new Random(1);
    for (int layer = 0; layer < LAYERS; layer++) {
      float[][] rows = new float[ROWS][FEATURES];
      for (float[] row : rows) {
        for (int i = 0; i < FEATURES; i++) {
          row[i] = (float) random.nextGaussian();
        }
      }
      arrays.add(rows);
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    Path file = folder.resolveSibling("calibration-figures.csv");
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 15;
    try (SparkSession spark = SparkSession.builder().master("local[1]").config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", args[0]).config("spark.sql.warehouse.dir", args[0]).getOrCreate()) {
      spark.sparkContext().setLogLevel("ERROR");
      CalibrationTimes times = new CalibrationTimes(spark, folder);
      times.run(rounds);
      Origin origin = new Origin(Machine.here(), "ci/spark calibration " + rounds, Origin.commitOf(folder),
          List.of("Apache Spark " + spark.version()), rounds < ROUNDS_TO_QUOTE);
      new FiguresFile(origin.lines(), times.figures).write(file);
      System.out.println("figures: " + file);
    }
  }

  private void run(int rounds) throws IOException {
    Path files = files("calibration-4", 1);
    Path moreFiles = files("calibration-20", COPIES);
    String parquet = folder.resolve("calibration.parquet").toString();
    dataset().repartition(LAYERS).write().mode("overwrite").parquet(parquet);
    Dataset<Row> one = spark.read().parquet(parquet).coalesce(1).cache();
    Dataset<Row> four = spark.read().parquet(parquet).repartition(LAYERS).cache();
    long batches = one.count() + four.count();
    System.out.println(batches / 2 * FEATURES + " numbers");
    String[] more = new String[COPIES];
    Arrays.fill(more, parquet);
    for (CalibrationMethod method : List.of(CalibrationMethod.minMax(), CalibrationMethod.entropy())) {
      SparkCalibration calibration = SparkCalibration.of(method);
      List<Way> ways = new ArrayList<>(List.of(new Way(ARRAYS, null, () -> alone(method)),
          new Way("1 partition in memory", ARRAYS, () -> calibration.observe(one)),
          new Way("4 partitions in memory", ARRAYS, () -> calibration.observe(four)),
          new Way(FILES, null, () -> alone(method, files)),
          new Way(FILES, FILES, () -> calibration.observe(spark, files))));
      for (int batch : new int[]{4096, 256}) {
        ways.add(new Way("4 files of Parquet by " + batch + " rows", ARRAYS,
            () -> observe(calibration, batch, parquet)));
      }
      time(method, ways, rounds);
      time(method, List.of(new Way(MORE_FILES, null, () -> alone(method, moreFiles)),
          new Way(MORE_FILES, MORE_FILES, () -> calibration.observe(spark, moreFiles)),
          new Way("20 files of Parquet by 256 rows", MORE_FILES, () -> observe(calibration, 256, more))),
          rounds / 2);
    }
  }

  /** Spark reads 4096 rows of Parquet at a time where nothing else is said. */
  private SortedMap<String, Observer> observe(SparkCalibration calibration, int batch, String... parquet) {
    spark.conf().set("spark.sql.parquet.columnarReaderBatchSize", batch);
    return calibration.observe(spark.read().parquet(parquet));
  }

  private void time(CalibrationMethod method, List<Way> ways, int rounds) {
    Map<Way, double[]> seconds = new LinkedHashMap<>();
    SortedMap<String, String> expected = new TreeMap<>();
    for (int round = -rounds / 2; round < rounds; round++) {
      for (Way way : ways) {
        long start = System.nanoTime();
        SortedMap<String, Observer> seen = way.run.get();
        double time = (System.nanoTime() - start) * 1e-9;
        seen.forEach((layer, observer) -> requireEqual(expected, layer, observer));
        if (round >= 0) {
          seconds.computeIfAbsent(way, first -> new double[rounds])[round] = time;
        }
      }
    }
    seconds.forEach((way, times) -> addFigures(method, way, times, seconds));
  }

  /** But for the number of batches, which files and rows have in other numbers. */
  private static void requireEqual(Map<String, String> expected, String layer, Observer observer) {
    String json = observer.toJson().replaceFirst("\"batches\":\\d+", "");
    if (!json.equals(expected.computeIfAbsent(layer, first -> json))) {
      throw new IllegalStateException(
          "layer " + layer + ": expected the observer of one machine, got another");
    }
  }

  private void addFigures(CalibrationMethod method, Way way, double[] times, Map<Way, double[]> seconds) {
    String peer = way.alone == null ? "one machine" : "Spark";
    String name = method.equals(CalibrationMethod.minMax()) ? "min-max" : "entropy";
    add(Figure.of(TOPIC, way.subject, peer, name, "s", times));
    if (way.alone != null) {
      double[] alone = seconds.entrySet().stream()
          .filter(other -> other.getKey().alone == null && other.getKey().subject.equals(way.alone))
          .findFirst().orElseThrow().getValue();
      double[] ratios = new double[times.length];
      Arrays.setAll(ratios, round -> times[round] / alone[round]);
      add(Figure.of(TOPIC, way.subject, peer, name + " beside one machine", "times", ratios));
    }
  }

  private void add(Figure figure) {
    figures.add(figure);
    System.out.println(figure.subject() + ", " + figure.peer() + ", " + figure.what() + ": " + figure.text()
        + " " + figure.unit());
  }

  private SortedMap<String, Observer> alone(CalibrationMethod method) {
    SortedMap<String, Observer> observers = new TreeMap<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      Observer observer = Observer.perTensor(name(layer) + ".input", method);
      for (float[] row : arrays.get(layer)) {
        observer.observe(row);
      }
      observers.put(name(layer), observer);
    }
    return observers;
  }

  private static SortedMap<String, Observer> alone(CalibrationMethod method, Path files) {
    SortedMap<String, Observer> observers = new TreeMap<>();
    try (RecordedInputs recorded = RecordedInputs.open(files)) {
      recorded.layers().forEach(layer -> observers.put(layer, recorded.observe(layer, method)));
    }
    return observers;
  }

  private Dataset<Row> dataset() {
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      for (int layer = 0; layer < LAYERS; layer++) {
        rows.add(RowFactory.create(name(layer), arrays.get(layer)[row]));
      }
    }
    return spark.createDataFrame(rows, SCHEMA);
  }

  private Path files(String name, int copies) throws IOException {
    Path files = Files.createDirectories(folder.resolve(name));
    for (int copy = 0; copy < copies; copy++) {
      for (int layer = 0; layer < LAYERS; layer++) {
        String tensor = name(layer) + ".input";
        float[] all = new float[ROWS * FEATURES];
        for (int row = 0; row < ROWS; row++) {
          System.arraycopy(arrays.get(layer)[row], 0, all, row * FEATURES, FEATURES);
        }
        try (SafetensorsWriter writer = new SafetensorsWriter(
            files.resolve(tensor + copy + ".safetensors"),
            List.of(new SafetensorsWriter.Slot(tensor, StoredType.F32, Shape.of(ROWS, FEATURES))),
            Map.of())) {
          writer.write(tensor, MemorySegment.ofArray(all));
          writer.commit();
        }
      }
    }
    return files;
  }

  private static String name(int layer) {
    return "fc" + layer;
  }
}

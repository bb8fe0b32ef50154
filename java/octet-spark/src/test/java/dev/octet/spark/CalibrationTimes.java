package dev.octet.spark;

import dev.octet.Shape;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Observer;
import dev.octet.quantize.file.RecordedInputs;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.StoredType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * Times the calibration of 1e7 numbers, of a normal distribution, on one core of Spark beside the same
 * observers in a loop, and of 5.2e7 in 20 files. By turns in one JVM; printed are medians, and the ratio by
 * round with its quartiles. No test: {@code ci/spark calibration [ROUNDS]} runs it. Argument: a folder for
 * the files, the rounds that are timed, 15 without it, after half as many that are not.
 */
final class CalibrationTimes {
  private static final int LAYERS = 4;
  private static final int FEATURES = 768;
  /** Of each layer; in all 1e7 numbers, and five times as many in 20 files. */
  private static final int ROWS = 3255;
  private static final int COPIES = 5;
  private static final String ALONE = "arrays, one machine";
  private static final String FILES_ALONE = "4 files of safetensors, one machine";
  private static final String MORE_FILES_ALONE = "20 files of safetensors, one machine";

  private final SparkSession spark;
  private final Path folder;
  /** By layer. */
  private final List<float[][]> arrays = new ArrayList<>();

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

  public static void main(String[] args) throws IOException {
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 15;
    try (SparkSession spark = SparkSession.builder().master("local[1]").config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", args[0]).config("spark.sql.warehouse.dir", args[0]).getOrCreate()) {
      spark.sparkContext().setLogLevel("ERROR");
      new CalibrationTimes(spark, Files.createDirectories(Path.of(args[0]))).run(rounds);
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
    for (CalibrationMethod method : List.of(CalibrationMethod.minMax(), CalibrationMethod.entropy())) {
      SparkCalibration calibration = SparkCalibration.of(method);
      Map<String, Supplier<SortedMap<String, Observer>>> ways = new LinkedHashMap<>();
      Map<String, String> beside = new LinkedHashMap<>();
      ways.put(ALONE, () -> alone(method));
      ways.put(FILES_ALONE, () -> alone(method, files));
      ways.put("4 files of safetensors", () -> calibration.observe(spark, files));
      beside.put("4 files of safetensors", FILES_ALONE);
      ways.put("in memory, 1 partition", () -> calibration.observe(one));
      beside.put("in memory, 1 partition", ALONE);
      ways.put("in memory, 4 partitions", () -> calibration.observe(four));
      beside.put("in memory, 4 partitions", ALONE);
      for (int batch : new int[]{4096, 256}) {
        String name = "4 files of Parquet, " + batch + " rows at a time";
        ways.put(name, () -> observe(calibration, batch, parquet));
        beside.put(name, ALONE);
      }
      print(method, time(ways, rounds), beside);
      ways.clear();
      beside.clear();
      String[] more = new String[COPIES];
      Arrays.fill(more, parquet);
      ways.put(MORE_FILES_ALONE, () -> alone(method, moreFiles));
      ways.put("20 files of safetensors", () -> calibration.observe(spark, moreFiles));
      beside.put("20 files of safetensors", MORE_FILES_ALONE);
      ways.put("20 files of Parquet, 256 rows at a time", () -> observe(calibration, 256, more));
      beside.put("20 files of Parquet, 256 rows at a time", MORE_FILES_ALONE);
      print(method, time(ways, rounds / 2), beside);
    }
  }

  /** Spark reads 4096 rows of Parquet at a time where nothing else is said. */
  private SortedMap<String, Observer> observe(SparkCalibration calibration, int batch, String... parquet) {
    spark.conf().set("spark.sql.parquet.columnarReaderBatchSize", batch);
    return calibration.observe(spark.read().parquet(parquet));
  }

  /** Seconds of each round. */
  private static Map<String, double[]> time(Map<String, Supplier<SortedMap<String, Observer>>> ways,
      int rounds) {
    Map<String, double[]> seconds = new LinkedHashMap<>();
    SortedMap<String, String> expected = new TreeMap<>();
    for (int round = -rounds / 2; round < rounds; round++) {
      for (Map.Entry<String, Supplier<SortedMap<String, Observer>>> way : ways.entrySet()) {
        long start = System.nanoTime();
        SortedMap<String, Observer> seen = way.getValue().get();
        double time = (System.nanoTime() - start) * 1e-9;
        seen.forEach((layer, observer) -> requireEqual(expected, layer, observer));
        if (round >= 0) {
          seconds.computeIfAbsent(way.getKey(), name -> new double[rounds])[round] = time;
        }
      }
    }
    return seconds;
  }

  /** But for the number of batches, which files and rows have in other numbers. */
  private static void requireEqual(Map<String, String> expected, String layer, Observer observer) {
    String json = observer.toJson().replaceFirst("\"batches\":\\d+", "");
    if (!json.equals(expected.computeIfAbsent(layer, first -> json))) {
      throw new IllegalStateException(
          "layer " + layer + ": expected the observer of one machine, got another");
    }
  }

  private static void print(CalibrationMethod method, Map<String, double[]> seconds,
      Map<String, String> beside) {
    seconds.forEach((name, times) -> {
      String line = String.format(Locale.ROOT, "%s, %s: %.4f s", method, name, share(times, 0.5));
      double[] alone = seconds.get(beside.get(name));
      if (alone != null) {
        double[] ratios = new double[times.length];
        Arrays.setAll(ratios, round -> times[round] / alone[round]);
        line += String.format(Locale.ROOT, ", %.2f times one machine (%.2f to %.2f)", share(ratios, 0.5),
            share(ratios, 0.25), share(ratios, 0.75));
      }
      System.out.println(line);
    });
  }

  private static double share(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) (share * (sorted.length - 1) + 0.5)];
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
    return spark.createDataFrame(rows, RecordedRows.SCHEMA);
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

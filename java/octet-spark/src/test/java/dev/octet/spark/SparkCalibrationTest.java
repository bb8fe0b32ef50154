package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.quantize.Calibration;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.InputMoments;
import dev.octet.quantize.Linear;
import dev.octet.quantize.Model;
import dev.octet.quantize.Observer;
import dev.octet.quantize.file.MalformedFileException;
import dev.octet.quantize.file.RecordedInputs;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.StoredType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calibration over partitions is that of one machine. */
class SparkCalibrationTest {
  private static final long SEED = 17;
  private static final List<CalibrationMethod> METHODS = List.of(CalibrationMethod.minMax(),
      CalibrationMethod.percentile(99.9), CalibrationMethod.entropy(), CalibrationMethod.meanSquaredError());
  private static final String MOST_RESULTS = "spark.driver.maxResultSize";
  private static final Map<String, Integer> FEATURES = Map.of("fc1", 12, "fc2", 5);

  private final Model model = Model.of(List.of(linear("fc1", 12), linear("fc2", 5)), (x, net) -> x);
  private final List<RecordedRows.Batch> rows = rows();

  private static Linear linear(String name, int in) {
    return Linear.of(name, new float[3 * in], Shape.of(3, in), WeightLayout.OUT_IN, null);
  }

  private static List<RecordedRows.Batch> rows() {
    Random random = new Random(SEED);
    List<RecordedRows.Batch> rows = new ArrayList<>(RecordedRows.of("fc1", 12, 60, random));
    rows.addAll(RecordedRows.of("fc2", 5, 40, random));
    Collections.shuffle(rows, random);
    return rows;
  }

  /** What one machine sees. */
  private SortedMap<String, String> alone(CalibrationMethod method) {
    SortedMap<String, Observer> observers = new TreeMap<>();
    rows.forEach(row -> observers
        .computeIfAbsent(row.layer(), layer -> Observer.perTensor(layer + ".input", method))
        .observe(row.values()));
    return json(observers);
  }

  private static SortedMap<String, String> json(SortedMap<String, Observer> observers) {
    SortedMap<String, String> json = new TreeMap<>();
    observers.forEach((layer, observer) -> json.put(layer, observer.toJson()));
    return json;
  }

  @Test
  void observersAreThoseOfOneMachineWhateverThePartitions() {
    Dataset<Row> inputs = RecordedRows.dataset(rows);
    for (CalibrationMethod method : METHODS) {
      SortedMap<String, String> expected = alone(method);
      for (int partitions : new int[]{1, 3, 40}) {
        assertEquals(expected, json(SparkCalibration.of(method).observe(inputs.repartition(partitions))),
            method + ", " + partitions + " partitions, seed " + SEED);
      }
    }
  }

  @Test
  void parquetAndOtherNamesOfColumns(@TempDir Path folder) {
    String path = folder.resolve("inputs").toString();
    RecordedRows.dataset(rows).withColumnRenamed("layer", "name").withColumnRenamed("values", "x").write()
        .parquet(path);
    CalibrationMethod method = CalibrationMethod.entropy();
    assertEquals(alone(method), json(
        SparkCalibration.of(method).columns("name", "x").observe(LocalSpark.session().read().parquet(path))));
    Dataset<Row> dots = RecordedRows.dataset(rows).withColumnRenamed("layer", "the.layer")
        .withColumnRenamed("values", "x`s").withColumn("the", functions.lit(1));
    assertEquals(alone(method), json(SparkCalibration.of(method).columns("the.layer", "x`s").observe(dots)));
  }

  @Test
  void calibrationsOfAModelAreThoseOfOneMachine() {
    CalibrationMethod method = CalibrationMethod.meanSquaredError();
    for (boolean products : new boolean[]{false, true}) {
      SparkCalibration spark = products
          ? SparkCalibration.of(method).withProducts()
          : SparkCalibration.of(method);
      SortedMap<String, String> expected = alone(method);
      for (int partitions : new int[]{1, 3, 7}) { // products of several are merged by tasks
        Calibration calibration = spark.calibrate(model, RecordedRows.dataset(rows).repartition(partitions));
        for (String layer : FEATURES.keySet()) {
          assertEquals(expected.get(layer), calibration.observer(layer).toJson(), "seed " + SEED);
          requireNear(moments(layer, products), calibration.moments(layer), products);
        }
      }
    }
  }

  /** States of 0.4 MB, merged by tasks: the driver gets one, which the limit must let in. */
  @Test
  void theDriverGetsOneStateOfProducts() {
    int features = 200;
    Model wide = Model.of(List.of(linear("fc1", features)), (x, net) -> x);
    Dataset<Row> inputs = RecordedRows.dataset(RecordedRows.of("fc1", features, 30, new Random(SEED)));
    SparkCalibration calibration = SparkCalibration.of(CalibrationMethod.minMax()).withProducts();
    SparkConf settings = LocalSpark.session().sparkContext().conf();
    try {
      settings.set(MOST_RESULTS, "1m");
      InputMoments moments = calibration.calibrate(wide, inputs.repartition(5)).moments("fc1");
      assertEquals(features * features, moments.meanProducts().length);
      settings.set(MOST_RESULTS, "200k");
      for (int partitions : new int[]{1, 5}) {
        String message = assertThrows(IllegalStateException.class,
            () -> calibration.calibrate(wide, inputs.repartition(partitions))).getMessage();
        assertTrue(message.startsWith("calibration: expected states of layers that the driver may take: raise"
            + " spark.driver.maxResultSize, or calibrate fewer layers at a time, got: "), message);
      }
    } finally {
      settings.remove(MOST_RESULTS);
    }
  }

  /** Partitions that are worth no tasks of their own are joined, which no bit shows. */
  @Test
  void smallPartitionsShareTasks() throws TimeoutException {
    Dataset<Row> inputs = RecordedRows.dataset(rows).repartition(9).cache();
    SparkContext context = LocalSpark.session().sparkContext();
    AtomicInteger tasks = new AtomicInteger();
    SparkListener counter = new SparkListener() {
      @Override
      public void onTaskEnd(SparkListenerTaskEnd end) {
        tasks.incrementAndGet();
      }
    };
    try {
      assertEquals(rows.size(), inputs.count());
      context.listenerBus().waitUntilEmpty();
      context.addSparkListener(counter);
      CalibrationMethod method = CalibrationMethod.entropy();
      assertEquals(alone(method), json(SparkCalibration.of(method).observe(inputs)), "seed " + SEED);
      context.listenerBus().waitUntilEmpty();
      assertEquals(2, tasks.get(), "one for each core");
    } finally {
      context.removeSparkListener(counter);
      inputs.unpersist(true);
    }
    long mb = 1 << 20;
    assertEquals(2, SparkCalibration.tasks(9, 40 * mb, 2));
    assertEquals(9, SparkCalibration.tasks(9, 40 * mb, 16));
    assertEquals(3, SparkCalibration.tasks(9, 129 * mb, 1));
    assertEquals(9, SparkCalibration.tasks(9, 5000 * mb, 1));
    assertEquals(9, SparkCalibration.tasks(9, Long.MAX_VALUE, 1));
    assertEquals(1, SparkCalibration.tasks(0, 0, 2));
  }

  private InputMoments moments(String layer, boolean products) {
    InputMoments moments = new InputMoments(layer + ".input", FEATURES.get(layer), products);
    rows.stream().filter(row -> row.layer().equals(layer))
        .forEach(row -> moments.observe(row.values()));
    return moments;
  }

  /** Equal but for the last bits of sums, of which the documentation has a bound. */
  private static void requireNear(InputMoments expected, InputMoments got, boolean products) {
    assertEquals(expected.rows(), got.rows());
    assertArrayEquals(expected.absmax(), got.absmax());
    float most = 0;
    for (float absmax : expected.absmax()) {
      most = Math.max(most, absmax);
    }
    double rounding = 2 * expected.rows() * Math.scalb(1.0, -53);
    // a mean is rounded to binary32
    assertArrayEquals(expected.mean(), got.mean(), (float) (rounding * most) + Math.ulp(most));
    if (products) {
      assertArrayEquals(expected.meanProducts(), got.meanProducts(), rounding * most * most);
    }
  }

  @Test
  void layersWithoutRowsHaveSeenNothing() {
    Dataset<Row> none = RecordedRows.dataset(List.of());
    assertEquals(0,
        SparkCalibration.of(CalibrationMethod.minMax()).calibrate(model, none).observer("fc1").batches());
    assertEquals(Map.of(), SparkCalibration.of(CalibrationMethod.minMax()).observe(none));
    Dataset<Row> filteredOut = RecordedRows.dataset(rows).where("layer = 'fc3'");
    assertEquals(Map.of(), SparkCalibration.of(CalibrationMethod.minMax()).observe(filteredOut));
  }

  @Test
  void aFolderOfSafetensorsIsReadFileByFile(@TempDir Path folder) throws IOException {
    Random random = new Random(SEED);
    write(folder.resolve("a.safetensors"), "fc1", 12, 130, random);
    write(folder.resolve("b.safetensors"), "fc1", 12, 7, random);
    write(folder.resolve("c.safetensors"), "fc2", 5, 300, random);
    for (CalibrationMethod method : METHODS) {
      SortedMap<String, Observer> expected = new TreeMap<>();
      try (RecordedInputs recorded = RecordedInputs.open(folder)) {
        recorded.layers().forEach(layer -> expected.put(layer, recorded.observe(layer, method)));
      }
      SparkCalibration spark = SparkCalibration.of(method);
      assertEquals(json(expected), json(spark.observe(LocalSpark.session(), folder)),
          method + ", seed " + SEED);
      Calibration calibration = spark.calibrate(model, LocalSpark.session(), folder);
      expected.forEach(
          (layer, observer) -> assertEquals(observer.toJson(), calibration.observer(layer).toJson()));
      assertEquals(137, calibration.moments("fc1").rows());
    }
    Files.write(folder.resolve("d.safetensors"), new byte[3]);
    SparkCalibration spark = SparkCalibration.of(CalibrationMethod.minMax());
    assertThrows(MalformedFileException.class, () -> spark.observe(LocalSpark.session(), folder));
  }

  private static void write(Path file, String layer, int features, int count, Random random) {
    float[] values = new float[count * features];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    String name = layer + ".input";
    try (SafetensorsWriter writer = new SafetensorsWriter(file,
        List.of(new SafetensorsWriter.Slot(name, StoredType.F32, Shape.of(count, features))), Map.of())) {
      writer.write(name, MemorySegment.ofArray(values));
      writer.commit();
    }
  }

  @Test
  void movingAveragesAreRefused() {
    assertEquals(
        "method: expected one that does not depend on the order of batches, which partitions do not have, got "
            + CalibrationMethod.movingAverage(),
        assertThrows(IllegalArgumentException.class,
            () -> SparkCalibration.of(CalibrationMethod.movingAverage())).getMessage());
  }

  @Test
  void badInputIsNamed() {
    SparkCalibration spark = SparkCalibration.of(CalibrationMethod.minMax());
    assertEquals("fc1.input[1]: expected a finite number, got NaN",
        refusal(() -> spark.observe(row("fc1", 0f, Float.NaN))));
    assertEquals("row of layer fc1: expected an array of numbers, got null",
        refusal(() -> spark.observe(row("fc1", (Object[]) null))));
    assertEquals("row: expected the name of a layer, got null",
        refusal(() -> spark.observe(row(null, 1f))));
    assertEquals("row of layer fc1: expected a number at 1, got null",
        refusal(() -> spark.observe(row("fc1", 1f, null))));
    assertEquals("layer fc3: expected one of the model, [fc1, fc2]",
        refusal(() -> spark.calibrate(model, row("fc3", 1f))));
    assertEquals("layer fc2: expected rows of 5 features, got 6 numbers",
        refusal(() -> spark.calibrate(model, row("fc2", 1f, 2f, 3f, 4f, 5f, 6f))));
    assertEquals("column x: expected one of that name, got [layer, values]",
        refusal(() -> spark.columns("layer", "x").observe(row("fc1", 1f))));
    StructType doubles = new StructType().add("layer", DataTypes.StringType).add("values",
        DataTypes.createArrayType(DataTypes.DoubleType));
    Dataset<Row> wide = LocalSpark.session()
        .createDataFrame(List.of(RowFactory.create("fc1", new double[]{1})), doubles);
    assertEquals("column values: expected array<float>, got array<double>",
        refusal(() -> spark.observe(wide)));
    assertEquals(1, spark.observe(wide.withColumn("values", functions.col("values").cast("array<float>")))
        .get("fc1").batches());
  }

  private static Dataset<Row> row(String layer, Object... values) {
    return LocalSpark.session().createDataFrame(List.of(RowFactory.create(layer, values)),
        RecordedRows.SCHEMA);
  }

  private static String refusal(Runnable work) {
    return assertThrows(IllegalArgumentException.class, work::run).getMessage();
  }
}

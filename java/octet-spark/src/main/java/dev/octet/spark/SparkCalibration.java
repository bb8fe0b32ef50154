package dev.octet.spark;

import dev.octet.quantize.Calibration;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.InputMoments;
import dev.octet.quantize.Linear;
import dev.octet.quantize.Model;
import dev.octet.quantize.Observer;
import dev.octet.quantize.file.RecordedInputs;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import scala.reflect.ClassTag$;

/**
 * Calibrates on inputs of layers that were recorded as a Dataset or as a folder of safetensors: each task has
 * its own observers. The driver merges the states of up to 32 tasks; those of more are merged in a tree, and
 * those with products on executors, so that the driver gets one.
 *
 * {@snippet :
 * Map<String, Observer> ranges = SparkCalibration.of(CalibrationMethod.entropy())
 *     .observe(spark.read().parquet("activations"));
 * Quantization u8 = ranges.get("encoder.0.ffn").quantization(DataType.U8, false);
 * }
 *
 * <p>
 * Whatever the partitions, their order and repeated tasks, an observer is that of one machine to the last
 * bit: minimum, maximum, counts and the bins of histograms do not depend on an order.
 * {@link CalibrationMethod.MovingAverage} does and is refused. Means and products of {@link InputMoments} are
 * sums in double precision, whose last bits depend on the order: a sum of n numbers is off by at most n times
 * 2<sup>-53</sup> of the sum of their absolute values, here and on one machine.
 *
 * <p>
 * A task reads 64 MB at least, as long as each core has one: smaller files, and smaller partitions of Parquet
 * files and of cached rows, share a task. Partitions of rows that are computed are a task each.
 *
 * <p>
 * Sent for each layer and task: some 10 KB for methods that count in a histogram, 100 bytes for others; with
 * products some 10 bytes for each pair of features.
 *
 * <p>
 * Immutable and safe for use by multiple threads. Tasks that refuse a row are tried as often as Spark is
 * configured to; then the message of the last one is thrown.
 */
public final class SparkCalibration {
  private static final ArrayType FLOATS = DataTypes.createArrayType(DataTypes.FloatType);
  /** Of files, less than this is not worth a task: 0.1 s of work, where starting a task takes some ms. */
  private static final long TASK_BYTES = 64 << 20;
  /**
   * Partitions whose states the driver takes all at once. A tree has stages and shuffles, each of which takes
   * as long as to read a hundred states. States with products have megabytes: executors merge all of them.
   */
  private static final int MOST_AT_ONCE = 32;
  private static final int TREE_DEPTH = 2;
  private static final String MOST_RESULTS = "spark.driver.maxResultSize";

  private final CalibrationMethod method;
  private final String layer;
  private final String values;
  private final boolean products;

  private SparkCalibration(CalibrationMethod method, String layer, String values, boolean products) {
    this.method = method;
    this.layer = layer;
    this.values = values;
    this.products = products;
  }

  /**
   * Creates a calibration that reads columns {@code layer} and {@code values}.
   *
   * @param method how ranges are found
   * @return the calibration
   * @throws IllegalArgumentException if the method depends on the order of what it sees
   */
  public static SparkCalibration of(CalibrationMethod method) {
    Objects.requireNonNull(method, "method");
    if (method instanceof CalibrationMethod.MovingAverage) {
      throw new IllegalArgumentException("method: expected one that does not depend on the order of batches,"
          + " which partitions do not have, got " + method);
    }
    return new SparkCalibration(method, "layer", "values", false);
  }

  /**
   * Returns this calibration for other columns.
   *
   * @param layerColumn a string, the name of a layer
   * @param valuesColumn an array of float, numbers of one batch of the layer's inputs
   * @return a new calibration
   */
  public SparkCalibration columns(String layerColumn, String valuesColumn) {
    return new SparkCalibration(method, Objects.requireNonNull(layerColumn, "layerColumn"),
        Objects.requireNonNull(valuesColumn, "valuesColumn"), products);
  }

  /**
   * Returns this calibration with products of pairs of features, which {@link dev.octet.quantize.Gptq} needs:
   * {@code in * in} doubles for each layer, in each task and twice where two states are merged. The driver
   * gets one state of all layers, some 10 bytes for each pair, which {@code spark.driver.maxResultSize} (1 GB
   * without it) must let in; {@code calibrate} throws an IllegalStateException where it does not. For
   * {@code calibrate} alone.
   *
   * @return a new calibration
   */
  public SparkCalibration withProducts() {
    return new SparkCalibration(method, layer, values, true);
  }

  /**
   * Observes the inputs of every layer of a Dataset, which must not be one of Spark Connect. An observer's
   * batches are the rows that are not empty.
   *
   * @param inputs a row for each batch of inputs of a layer
   * @return the observers by layer, per tensor, of tensors {@code LAYER.input}; empty where there are no rows
   * @throws IllegalArgumentException if a column is missing or of another type, a row has null in it, or a
   *         value is NaN or infinite, named by layer and position in its row
   */
  public SortedMap<String, Observer> observe(Dataset<Row> inputs) {
    return rows(inputs, new Recording(method, null, false)).observers();
  }

  /**
   * Observes the inputs of every layer of a folder of safetensors, or of one file, as {@link RecordedInputs}
   * reads them; executors must find the files under the same path.
   *
   * @param spark runs the tasks
   * @param inputs the file or the folder
   * @return the observers by layer, equal to those of {@link RecordedInputs#observe}
   * @throws IllegalArgumentException if a row has more than 131,072 features, or a value is NaN or infinite,
   *         named by layer and position in its batch
   * @throws dev.octet.quantize.file.MalformedFileException if a file is damaged
   * @throws java.io.UncheckedIOException if one cannot be read
   */
  public SortedMap<String, Observer> observe(SparkSession spark, Path inputs) {
    return files(spark, inputs, new Recording(method, null, false)).observers();
  }

  /**
   * Calibrates the layers of a model with inputs in a Dataset.
   *
   * @param model its layers; the weights stay on the driver
   * @param inputs a row for each batch of inputs of a layer: whole rows of its features
   * @return a calibration; layers without rows have seen nothing
   * @throws IllegalArgumentException as {@link #observe(Dataset)}, and if the model has no such layer, or
   *         numbers are no whole number of rows of its features
   */
  public Calibration calibrate(Model model, Dataset<Row> inputs) {
    return calibration(model, rows(inputs, recording(model)));
  }

  /**
   * Calibrates the layers of a model with inputs in a folder of safetensors, or in one file.
   *
   * @param model its layers; the weights stay on the driver
   * @param spark runs the tasks
   * @param inputs the file or the folder
   * @return a calibration; layers without rows have seen nothing
   * @throws IllegalArgumentException as {@link #observe(SparkSession, Path)}, and if the model has no such
   *         layer, or rows have another number of features
   */
  public Calibration calibrate(Model model, SparkSession spark, Path inputs) {
    return calibration(model, files(spark, inputs, recording(model)));
  }

  private Recording recording(Model model) {
    Objects.requireNonNull(model, "model");
    Map<String, Integer> features = new LinkedHashMap<>();
    model.layers().forEach(linear -> features.put(linear.name(), linear.in()));
    return new Recording(method, features, products);
  }

  private Calibration calibration(Model model, LayerStatistics seen) {
    Calibration calibration = products
        ? Calibration.withProducts(model, method)
        : Calibration.of(model, method);
    for (Linear linear : model.layers()) {
      Observer observer = seen.observers().get(linear.name());
      if (observer != null) {
        calibration.observer(linear.name()).merge(observer);
        calibration.moments(linear.name()).merge(seen.moments().get(linear.name()));
      }
    }
    return calibration;
  }

  private LayerStatistics rows(Dataset<Row> inputs, Recording recording) {
    Objects.requireNonNull(inputs, "inputs");
    Columns.require(inputs.schema(), layer, DataTypes.StringType);
    Columns.require(inputs.schema(), values, FLOATS);
    // Rows as Spark has them: any encoder, and a Row, boxes each number of an array; to box it takes four
    // times as long as to observe it.
    QueryExecution query = ((org.apache.spark.sql.classic.Dataset<Row>) columns(inputs)).queryExecution();
    JavaRDD<InternalRow> rows = query.toRdd().toJavaRDD();
    int tasks = tasks(rows.getNumPartitions(), StoredBytes.of(query.optimizedPlan()),
        rows.context().defaultParallelism());
    return merged(rows.coalesce(tasks), recording, (partition, seen) -> {
      FloatReader floats = new FloatReader();
      partition.forEachRemaining(row -> observe(row, floats, seen));
    });
  }

  private Dataset<Row> columns(Dataset<Row> inputs) {
    return List.of(inputs.columns()).equals(List.of(layer, values))
        ? inputs // to analyse a selection takes 2 ms
        : inputs.select(column(layer), column(values));
  }

  /** A column of that very name, which may have dots in it. */
  private static Column column(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  private static void observe(InternalRow row, FloatReader floats, LayerStatistics seen) {
    if (row.isNullAt(0)) {
      throw new IllegalArgumentException("row: expected the name of a layer, got null");
    }
    String layer = row.getUTF8String(0).toString();
    if (row.isNullAt(1)) {
      throw new IllegalArgumentException(
          "row of layer " + layer + ": expected an array of numbers, got null");
    }
    seen.observe(layer, floats.read(layer, row.getArray(1)));
  }

  private static LayerStatistics files(SparkSession spark, Path inputs, Recording recording) {
    Objects.requireNonNull(spark, "spark");
    Objects.requireNonNull(inputs, "inputs");
    List<String> paths;
    long bytes;
    try (RecordedInputs recorded = RecordedInputs.open(inputs)) {
      paths = recorded.files().stream().map(path -> path.toAbsolutePath().toString()).toList();
      bytes = recorded.files().stream().mapToLong(path -> path.toFile().length()).sum();
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JavaRDD<String> files = context.parallelize(paths,
        tasks(paths.size(), bytes, context.defaultParallelism()));
    return merged(files, recording, (partition, seen) -> partition.forEachRemaining(path -> {
      try (RecordedInputs recorded = RecordedInputs.open(Path.of(path))) {
        seen.observe(recorded);
      }
    }));
  }

  /** One for each part, but no more than there are cores where that makes tasks of less than 64 MB. */
  static int tasks(int parts, long bytes, int cores) {
    return (int) Math.max(1, Math.min(parts, Math.max(cores, Math.ceilDiv(bytes, TASK_BYTES))));
  }

  private static <T> LayerStatistics merged(JavaRDD<T> partitions, Recording recording,
      RecordTask.Recorder<T> recorder) {
    RecordTask<T> task = new RecordTask<>(recording, recorder);
    LayerStatistics sum = new LayerStatistics(recording);
    int count = partitions.getNumPartitions();
    if (count > (recording.products() ? 1 : MOST_AT_ONCE)) {
      Function2<byte[], byte[], byte[]> merge = (first, second) -> LayerStatistics.merged(recording, first,
          second);
      sum.merge(LayerStatistics.of(recording, run(
          () -> partitions.mapPartitions(rows -> List.of(task.record(rows)).iterator())
              .treeAggregate(LayerStatistics.NOTHING, merge, merge, TREE_DEPTH, recording.products()))));
    } else if (count > 0) { // an empty Dataset has no partition
      Object states = run(() -> partitions.context().runJob(partitions.rdd(), task,
          ClassTag$.MODULE$.<byte[]>apply(byte[].class)));
      for (byte[] state : (byte[][]) states) {
        sum.merge(LayerStatistics.of(recording, state));
      }
    }
    return sum;
  }

  private static <T> T run(Supplier<T> job) {
    try {
      return Jobs.run(job);
    } catch (Exception e) { // SparkException is checked, and Scala declares nothing
      if (String.valueOf(e.getMessage()).contains(MOST_RESULTS)) {
        throw new IllegalStateException(
            "calibration: expected states of layers that the driver may take: raise "
                + MOST_RESULTS + ", or calibrate fewer layers at a time, got: " + e.getMessage(),
            e);
      }
      throw e;
    }
  }
}

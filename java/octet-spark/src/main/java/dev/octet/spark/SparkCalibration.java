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
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;

/**
 * Calibrates on inputs of layers that were recorded as a Dataset or as a folder of safetensors: each
 * partition has its own observers, and their states are merged in a tree.
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
 * Shuffled for each layer and partition: at most some 100 KB of text for methods that count in a histogram,
 * 200 bytes for others; with products some 10 bytes for each pair of features.
 *
 * <p>
 * Immutable and safe for use by multiple threads. Tasks that refuse a row are tried as often as Spark is
 * configured to; then the message of the last one is thrown.
 */
public final class SparkCalibration {
  private static final ArrayType FLOATS = DataTypes.createArrayType(DataTypes.FloatType);

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
   * {@code in * in} doubles for each layer, in each task. For {@code calibrate} alone.
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
   * reads them: a task for each file, which executors must find under the same path.
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
    // Rows as Spark has them: any encoder, and a Row, boxes each number of an array, which takes four times
    // as
    // long as to observe it.
    JavaRDD<InternalRow> rows = ((org.apache.spark.sql.classic.Dataset<Row>) inputs
        .select(functions.col(layer), functions.col(values))).queryExecution().toRdd().toJavaRDD();
    return merged(rows.mapPartitions(partition -> {
      LayerStatistics seen = new LayerStatistics(recording);
      partition.forEachRemaining(row -> observe(row, seen));
      return List.of(seen.toBytes()).iterator();
    }), recording);
  }

  private static void observe(InternalRow row, LayerStatistics seen) {
    if (row.isNullAt(0)) {
      throw new IllegalArgumentException("row: expected the name of a layer, got null");
    }
    String layer = row.getUTF8String(0).toString();
    if (row.isNullAt(1)) {
      throw new IllegalArgumentException(
          "row of layer " + layer + ": expected an array of numbers, got null");
    }
    ArrayData numbers = row.getArray(1);
    for (int i = 0; i < numbers.numElements(); i++) {
      if (numbers.isNullAt(i)) {
        throw new IllegalArgumentException("row of layer " + layer + ": expected a number at " + i
            + ", got null");
      }
    }
    seen.observe(layer, numbers.toFloatArray());
  }

  private static LayerStatistics files(SparkSession spark, Path inputs, Recording recording) {
    Objects.requireNonNull(spark, "spark");
    Objects.requireNonNull(inputs, "inputs");
    List<String> paths;
    try (RecordedInputs recorded = RecordedInputs.open(inputs)) {
      paths = recorded.files().stream().map(path -> path.toAbsolutePath().toString()).toList();
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return merged(context.parallelize(paths, Math.max(1, paths.size())).map(path -> {
      try (RecordedInputs recorded = RecordedInputs.open(Path.of(path))) {
        LayerStatistics seen = new LayerStatistics(recording);
        seen.observe(recorded);
        return seen.toBytes();
      }
    }), recording);
  }

  private static LayerStatistics merged(JavaRDD<byte[]> states, Recording recording) {
    if (states.getNumPartitions() == 0) { // as an empty Dataset has
      return new LayerStatistics(recording);
    }
    return LayerStatistics.of(recording, Jobs.run(() -> states.treeReduce((first, second) -> {
      LayerStatistics sum = LayerStatistics.of(recording, first);
      sum.merge(LayerStatistics.of(recording, second));
      return sum.toBytes();
    })));
  }
}

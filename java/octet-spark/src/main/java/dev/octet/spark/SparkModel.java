package dev.octet.spark;

import dev.octet.Engine;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Runs a model of floats over columns of float arrays on the executors of a cluster: an ONNX model, or ops
 * that a program prepares; once for each executor JVM, shared by its tasks. Needs
 * {@code dev.octet:octet-onnx}.
 *
 * {@snippet :
 * Dataset<Row> scores = SparkModel.of(Path.of("classifier.onnx")).key("id")
 *     .transform(rows, "features", "scores");
 * }
 *
 * <p>
 * The inputs of an ONNX model are F32, and so are the outputs that are asked for. Where the first dimension
 * of every input is not fixed, it is the batch: the others must be fixed, a row's array has their product of
 * elements, in row-major order, rows run together, and each output has the batch as its first dimension.
 * Where an input's first dimension is fixed, all dimensions must be, and rows run one at a time. Outputs are
 * flat arrays too.
 *
 * <p>
 * A batch has 32 rows; 1 where the model has operators that quantize a tensor by its range
 * ({@code DynamicQuantizeLinear}), or products of weights of 4 bits ({@code MatMulNBits}), with which rows of
 * a batch would change each other. Of a model that mixes rows in another way, as by a mean over the batch,
 * {@link #batchRows} of 1 keeps them apart.
 *
 * <p>
 * Immutable and safe for use by multiple threads. Nothing is computed before Spark asks for rows; what is
 * wrong with the model or with rows is thrown by the action, in a SparkException with the message of the
 * task.
 */
public final class SparkModel implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ModelSpec<FloatModel> spec;
  /** 0: what the model says. */
  private final int batchRows;
  private final BadRows badRows;
  /** Null: rows are named by their places. */
  private final String key;

  private SparkModel(ModelSpec<FloatModel> spec, int batchRows, BadRows badRows, String key) {
    this.spec = spec;
    this.batchRows = batchRows;
    this.badRows = badRows;
    this.key = key;
  }

  /**
   * Creates a model of an ONNX file. Executors must find it under the same path, unless {@link #sendFile}
   * sends it.
   *
   * @param model the file
   * @return the model
   */
  public static SparkModel of(Path model) {
    Objects.requireNonNull(model, "model");
    return new SparkModel(
        new OnnxSpec(model.toAbsolutePath().toString(), false, ModelSettings.DEFAULTS), 0, BadRows.FAIL,
        null);
  }

  /**
   * Creates a model of ops: one input column, one output column, a row at a time.
   *
   * @param factory prepares them, once for each executor JVM; they stay until it ends
   * @return the model
   */
  public static SparkModel of(OpFactory factory) {
    Objects.requireNonNull(factory, "factory");
    return new SparkModel(new OpSpec(UUID.randomUUID(), factory, null), 0, BadRows.FAIL, null);
  }

  private SparkModel with(ModelSpec<FloatModel> changed) {
    return new SparkModel(changed, batchRows, badRows, key);
  }

  private SparkModel onnx(UnaryOperator<OnnxSpec> change) {
    if (spec instanceof OnnxSpec onnx) {
      return with(change.apply(onnx));
    }
    throw new IllegalStateException("model: expected an ONNX file, got a factory of ops");
  }

  private SparkModel settings(UnaryOperator<ModelSettings> change) {
    return onnx(onnx -> new OnnxSpec(onnx.model(), onnx.sent(), change.apply(onnx.settings())));
  }

  /**
   * Sends the file of the model to every executor, through {@code SparkContext.addFile}; not data that lie
   * beside it. It must stay what it is until the application ends: Spark reads it for each new executor.
   *
   * @param spark whose executors get it
   * @return a model that takes what was sent
   * @throws IllegalStateException if the model is of ops, or was sent already
   */
  public SparkModel sendFile(SparkSession spark) {
    Objects.requireNonNull(spark, "spark");
    return onnx(onnx -> {
      if (onnx.sent()) {
        throw new IllegalStateException("model: expected one that was not sent, got one that was");
      }
      Path file = Path.of(onnx.model());
      spark.sparkContext().addFile(file.toUri().toString());
      return new OnnxSpec(String.valueOf(file.getFileName()), true, onnx.settings());
    });
  }

  /**
   * Returns this model with products and convolutions of floats run in int8, each row and each image
   * quantized by its own range.
   *
   * @return a new model
   * @throws IllegalStateException if the model is of ops
   */
  public SparkModel int8() {
    return settings(ModelSettings::withInt8);
  }

  /**
   * Returns this model with packed weights in a folder of each host, as
   * {@link SparkEmbeddings#weightCache(Path)} does, with the same default.
   *
   * @param folder on each host; is made where it is missing. Who can write into it decides what is computed
   * @return a new model
   * @throws IllegalStateException if the model is of ops
   */
  public SparkModel weightCache(Path folder) {
    Objects.requireNonNull(folder, "folder");
    return settings(settings -> settings.withFolder(folder));
  }

  /**
   * Returns this model with packed weights in the memory of each executor JVM, and no file of them.
   *
   * @return a new model
   * @throws IllegalStateException if the model is of ops
   */
  public SparkModel withoutWeightCache() {
    return settings(ModelSettings::alone);
  }

  /**
   * Returns this model with an engine that every executor must have.
   *
   * @param engine which one
   * @return a new model, whose tasks fail where it is not there
   */
  public SparkModel engine(Engine engine) {
    Objects.requireNonNull(engine, "engine");
    return spec instanceof OpSpec op
        ? with(new OpSpec(op.id(), op.factory(), engine))
        : settings(settings -> settings.withEngine(engine));
  }

  /**
   * Returns this model with batches of another size, where it has a batch.
   *
   * @param rows 1 or more
   * @return a new model
   * @throws IllegalArgumentException if it is less than 1
   */
  public SparkModel batchRows(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("rows: expected >= 1, got " + rows);
    }
    return new SparkModel(spec, rows, badRows, key);
  }

  /**
   * Returns this model with a policy for rows with an array that is null, of another length than the model
   * takes, or has a number that is null or not finite.
   *
   * @param policy what becomes of them; without this the task fails
   * @return a new model
   */
  public SparkModel badRows(BadRows policy) {
    return new SparkModel(spec, batchRows, Objects.requireNonNull(policy, "policy"), key);
  }

  /**
   * Returns this model with rows named by a column, in messages. Without this a row is named by its place in
   * its partition.
   *
   * @param column of any type
   * @return a new model
   */
  public SparkModel key(String column) {
    return new SparkModel(spec, batchRows, badRows, Objects.requireNonNull(column, "column"));
  }

  /**
   * Runs the model over a column, with counters of its own, which Spark's UI shows.
   *
   * @param rows all of whose columns are kept
   * @param inputColumn an array of float
   * @param outputColumn an array of float, null where a row is bad and the policy says so
   * @return the rows with one more column
   * @throws IllegalArgumentException if the input column or the key is missing, the input column is no array
   *         of float, or the output column is there
   */
  public Dataset<Row> transform(Dataset<Row> rows, String inputColumn, String outputColumn) {
    Objects.requireNonNull(rows, "rows");
    return transform(rows, List.of(Objects.requireNonNull(inputColumn, "inputColumn")),
        List.of(Objects.requireNonNull(outputColumn, "outputColumn")),
        SparkCounters.register(rows.sparkSession()));
  }

  /**
   * Runs the model over columns, and counts.
   *
   * @param rows all of whose columns are kept
   * @param inputColumns arrays of float, one for each input of the model, in the order of its file
   * @param outputColumns arrays of float, for the first outputs of the model, in the order of its file; null
   *        where a row is bad and the policy says so
   * @param counters count what the tasks do; no tokens
   * @return the rows with these columns more
   * @throws IllegalArgumentException if an input column or the key is missing, an input column is no array of
   *         float, an output column is there, or there are none
   */
  public Dataset<Row> transform(Dataset<Row> rows, List<String> inputColumns, List<String> outputColumns,
      SparkCounters counters) {
    Objects.requireNonNull(rows, "rows");
    Objects.requireNonNull(inputColumns, "inputColumns");
    Objects.requireNonNull(outputColumns, "outputColumns");
    Objects.requireNonNull(counters, "counters");
    StructType schema = rows.schema();
    if (inputColumns.isEmpty() || outputColumns.isEmpty()) {
      throw new IllegalArgumentException(
          "columns: expected one and more, got " + inputColumns + " and " + outputColumns);
    }
    for (String column : inputColumns) {
      Columns.require(schema, column, DataTypes.createArrayType(DataTypes.FloatType));
    }
    if (key != null) {
      Columns.require(schema, key);
    }
    StructType result = schema;
    for (String column : outputColumns) {
      result = Columns.withFloats(result, column);
    }
    FloatTask task = new FloatTask(spec, batchRows,
        inputColumns.stream().map(schema::fieldIndex).toList(), outputColumns.size(),
        new RowPolicy(badRows, Columns.key(schema, key), counters));
    return rows.mapPartitions((MapPartitionsFunction<Row, Row>) task::run, Encoders.row(result));
  }
}

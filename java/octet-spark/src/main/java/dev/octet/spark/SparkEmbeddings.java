package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.Pooling;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Embeds a column of texts on the executors of a cluster: {@link dev.octet.langchain4j.OctetEmbeddingModel},
 * prepared once for each executor JVM and shared by its tasks. Needs {@code dev.octet:octet-langchain4j}.
 *
 * {@snippet :
 * SparkEmbeddings embeddings = SparkEmbeddings.of(EmbeddingArtifact.ALL_MINILM_L6_V2_Q)
 *     .badRows(BadRows.NULL);
 * Dataset<Row> vectors = embeddings.transform(texts, "text", "vector");
 * }
 *
 * <p>
 * A vector is that of its text alone: partitions, batches, neighbours and repeated tasks change no bit of it.
 * Texts go through the model in batches of some number of tokens, the longest first, on as many threads as a
 * task has cores ({@code spark.task.cpus}). Executors run the best engine that they have; where native code
 * does not load that is VECTOR, with the same integers, and {@link SparkCounters#engines()} says so.
 *
 * <p>
 * Immutable and safe for use by multiple threads. Nothing is computed before Spark asks for rows; what is
 * wrong with them is thrown by the action, in a SparkException with the message of the task.
 */
public final class SparkEmbeddings implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BATCH_TOKENS = 4096;

  private final EmbeddingSpec spec;
  private final int batchTokens;
  private final int maxTokens;
  private final BadRows badRows;
  /** Null: rows are named by their places. */
  private final String key;

  private SparkEmbeddings(EmbeddingSpec spec, int batchTokens, int maxTokens, BadRows badRows, String key) {
    this.spec = spec;
    this.batchTokens = batchTokens;
    this.maxTokens = maxTokens;
    this.badRows = badRows;
    this.key = key;
  }

  private static SparkEmbeddings of(EmbeddingSpec spec) {
    return new SparkEmbeddings(spec, BATCH_TOKENS, Integer.MAX_VALUE, BadRows.FAIL, null);
  }

  /**
   * Creates embeddings by one of langchain4j's artifacts, whose jar is on the class path of the executors.
   *
   * @param artifact which one
   * @return the embeddings
   */
  public static SparkEmbeddings of(EmbeddingArtifact artifact) {
    Objects.requireNonNull(artifact, "artifact");
    return of(new EmbeddingSpec(artifact, null, null, null, false, false, ModelSettings.DEFAULTS));
  }

  /**
   * Creates embeddings by a model in a file, as {@code OctetEmbeddingModel.Builder.model} takes it. Executors
   * must find it and its tokenizer under the same paths, unless {@link #sendFiles} sends them.
   *
   * @param model the ONNX file
   * @param tokenizer the file, in the format of Hugging Face's tokenizers
   * @param pooling how hidden states become a vector
   * @return the embeddings
   */
  public static SparkEmbeddings of(Path model, Path tokenizer, Pooling pooling) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(pooling, "pooling");
    return of(
        new EmbeddingSpec(null, model.toAbsolutePath().toString(), tokenizer.toAbsolutePath().toString(),
            pooling, false, false, ModelSettings.DEFAULTS));
  }

  private SparkEmbeddings with(EmbeddingSpec changed) {
    return new SparkEmbeddings(changed, batchTokens, maxTokens, badRows, key);
  }

  /**
   * Sends the files of the model to every executor, through {@code SparkContext.addFile}. They must stay what
   * they are until the application ends: Spark reads them for each new executor.
   *
   * @param spark whose executors get them
   * @return embeddings that take what was sent
   * @throws IllegalStateException if the model is an artifact, or was sent already
   * @throws IllegalArgumentException if both files have the same name
   */
  public SparkEmbeddings sendFiles(SparkSession spark) {
    Objects.requireNonNull(spark, "spark");
    if (spec.model() == null || spec.sent()) {
      throw new IllegalStateException("files: expected those of a model that were not sent, got "
          + (spec.sent() ? "some that were" : "artifact " + spec.artifact()));
    }
    String model = String.valueOf(Path.of(spec.model()).getFileName());
    String tokenizer = String.valueOf(Path.of(spec.tokenizer()).getFileName());
    if (model.equals(tokenizer)) {
      throw new IllegalArgumentException(
          "tokenizer: expected another name than that of the model, got " + model);
    }
    spark.sparkContext().addFile(Path.of(spec.model()).toUri().toString());
    spark.sparkContext().addFile(Path.of(spec.tokenizer()).toUri().toString());
    return with(spec.withSent(model, tokenizer));
  }

  /**
   * Returns these embeddings with a model of floats run in int8: several times as fast, with vectors near
   * those of the file.
   *
   * @return new embeddings
   */
  public SparkEmbeddings int8() {
    return with(spec.with(spec.settings().withInt8()));
  }

  /**
   * Returns these embeddings with an engine that every executor must have.
   *
   * @param engine which one
   * @return new embeddings, whose tasks fail where it is not there
   */
  public SparkEmbeddings engine(Engine engine) {
    return with(spec.with(spec.settings().withEngine(Objects.requireNonNull(engine, "engine"))));
  }

  /**
   * Returns these embeddings with packed weights in a folder of each host, which executors there share; see
   * {@code OnnxOptions.weightCache}. Without this it is {@code octet-weights-USER} below the first folder of
   * {@code spark.local.dir}, else of {@code java.io.tmpdir}, which only its owner may enter. It stays when
   * the application ends, so that the next one starts without packing, and may be removed.
   *
   * @param folder on each host; is made where it is missing. Who can write into it decides what is computed
   * @return new embeddings
   */
  public SparkEmbeddings weightCache(Path folder) {
    return with(spec.with(spec.settings().withFolder(Objects.requireNonNull(folder, "folder"))));
  }

  /**
   * Returns these embeddings with packed weights in the memory of each executor JVM, and no file of them.
   *
   * @return new embeddings
   */
  public SparkEmbeddings withoutWeightCache() {
    return with(spec.with(spec.settings().alone()));
  }

  /**
   * Returns these embeddings with batches of another size. A batch has no more tokens than this, or one text:
   * memory for texts and vectors that wait, and work for the threads of a task, grow with it.
   *
   * @param tokens 1 or more; 4096 without this
   * @return new embeddings
   * @throws IllegalArgumentException if it is less than 1
   */
  public SparkEmbeddings batchTokens(int tokens) {
    return new SparkEmbeddings(spec, atLeastOne(tokens), maxTokens, badRows, key);
  }

  /**
   * Returns these embeddings with longer texts being bad rows. Without this they are cut where langchain4j's
   * classes cut them.
   *
   * @param tokens the most that a text may have, without [CLS] and [SEP]; texts of more than 510 are embedded
   *        in parts whose vectors are averaged
   * @return new embeddings
   * @throws IllegalArgumentException if it is less than 1
   */
  public SparkEmbeddings maxTokens(int tokens) {
    return new SparkEmbeddings(spec.withWhole(), batchTokens, atLeastOne(tokens), badRows, key);
  }

  private static int atLeastOne(int tokens) {
    if (tokens < 1) {
      throw new IllegalArgumentException("tokens: expected >= 1, got " + tokens);
    }
    return tokens;
  }

  /**
   * Returns these embeddings with a policy for rows whose text is null, has no token, or too many.
   *
   * @param policy what becomes of them; without this the task fails
   * @return new embeddings
   */
  public SparkEmbeddings badRows(BadRows policy) {
    return new SparkEmbeddings(spec, batchTokens, maxTokens, Objects.requireNonNull(policy, "policy"), key);
  }

  /**
   * Returns these embeddings with rows named by a column, in messages. Without this a row is named by its
   * place in its partition.
   *
   * @param column of any type
   * @return new embeddings
   */
  public SparkEmbeddings key(String column) {
    return new SparkEmbeddings(spec, batchTokens, maxTokens, badRows,
        Objects.requireNonNull(column, "column"));
  }

  /**
   * Embeds a column, with counters of its own, which Spark's UI shows.
   *
   * @param texts the rows, all of whose columns are kept
   * @param inputColumn a string
   * @param outputColumn an array of float of length 1 (the Euclidean norm), null where a row is bad and the
   *        policy says so
   * @return the rows with one more column
   * @throws IllegalArgumentException if the input column or the key is missing, the input column is no
   *         string, or the output column is there
   */
  public Dataset<Row> transform(Dataset<Row> texts, String inputColumn, String outputColumn) {
    Objects.requireNonNull(texts, "texts");
    return transform(texts, inputColumn, outputColumn, SparkCounters.register(texts.sparkSession()));
  }

  /**
   * Embeds a column, and counts.
   *
   * @param texts the rows, all of whose columns are kept
   * @param inputColumn a string
   * @param outputColumn an array of float of length 1 (the Euclidean norm), null where a row is bad and the
   *        policy says so
   * @param counters count what the tasks do
   * @return the rows with one more column
   * @throws IllegalArgumentException if the input column or the key is missing, the input column is no
   *         string, or the output column is there
   */
  public Dataset<Row> transform(Dataset<Row> texts, String inputColumn, String outputColumn,
      SparkCounters counters) {
    Objects.requireNonNull(texts, "texts");
    Objects.requireNonNull(counters, "counters");
    StructType schema = outputSchema(texts.schema(), inputColumn, outputColumn);
    EmbeddingTask task = new EmbeddingTask(spec, batchTokens, maxTokens,
        texts.schema().fieldIndex(inputColumn),
        new RowPolicy(badRows, Columns.key(texts.schema(), key), counters));
    return texts.mapPartitions((MapPartitionsFunction<Row, Row>) task::embed, Encoders.row(schema));
  }

  /**
   * Returns the columns of the result, having checked those of the input.
   *
   * @param schema of the texts
   * @param inputColumn a string
   * @param outputColumn the column that is added
   * @return the schema with one more column
   * @throws IllegalArgumentException if the input column or the key is missing, the input column is no
   *         string, or the output column is there
   */
  public StructType outputSchema(StructType schema, String inputColumn, String outputColumn) {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(inputColumn, "inputColumn");
    Objects.requireNonNull(outputColumn, "outputColumn");
    Columns.require(schema, inputColumn, DataTypes.StringType);
    if (key != null) {
      Columns.require(schema, key);
    }
    return Columns.withFloats(schema, outputColumn);
  }
}

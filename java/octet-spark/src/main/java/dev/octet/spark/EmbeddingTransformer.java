package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.Pooling;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Stage of a Spark ML pipeline that is a {@link SparkEmbeddings}: its parameters are saved and loaded with
 * the pipeline, the model's files are not. Needs {@code org.apache.spark:spark-mllib_2.13} beside
 * {@code dev.octet:octet-langchain4j}. Vectors are arrays of float, which estimators of Spark ML take as
 * features.
 *
 * {@snippet :
 * Pipeline pipeline = new Pipeline().setStages(new PipelineStage[]{
 *     new EmbeddingTransformer().setArtifact(EmbeddingArtifact.ALL_MINILM_L6_V2_Q).setInputCol("text"),
 *     new KMeans().setFeaturesCol("vector").setK(8)});
 * }
 *
 * <p>
 * Either an artifact is set or a model, not both. A parameter is text, a number or a truth value, so that
 * other languages set it by its name: {@code stage.set(stage.getParam("artifact"), "ALL_MINILM_L6_V2_Q")}.
 * Not safe for use by multiple threads while parameters are set.
 */
public final class EmbeddingTransformer extends Transformer implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final Param<String> artifact;
  private final Param<String> model;
  private final Param<String> tokenizer;
  private final Param<String> pooling;
  private final Param<String> keyCol;
  private final Param<String> badRows;
  private final IntParam batchTokens;
  private final IntParam maxTokens;
  private final BooleanParam int8;
  private final Param<String> engine;
  private final Param<String> weightCache;
  private final BooleanParam sharedWeights;
  private final BooleanParam sendFiles;

  /** Makes a stage with a name of its own. */
  public EmbeddingTransformer() {
    this(Identifiable$.MODULE$.randomUID("embedding"));
  }

  /**
   * Makes a stage.
   *
   * @param uid its name
   */
  public EmbeddingTransformer(String uid) {
    this.uid = Objects.requireNonNull(uid, "uid");
    this.inputCol = new Param<>(uid, "inputCol", "the column of texts");
    this.outputCol = new Param<>(uid, "outputCol", "the column of vectors, arrays of float");
    this.artifact = new Param<>(uid, "artifact", "the name of an EmbeddingArtifact");
    this.model = new Param<>(uid, "model", "the path of an ONNX file");
    this.tokenizer = new Param<>(uid, "tokenizer", "the path of the tokenizer of the model");
    this.pooling = new Param<>(uid, "pooling", "CLS or MEAN");
    this.keyCol = new Param<>(uid, "keyCol", "the column that names rows in messages");
    this.badRows = new Param<>(uid, "badRows", "FAIL or NULL");
    this.batchTokens = new IntParam(uid, "batchTokens", "the most tokens of a batch");
    this.maxTokens = new IntParam(uid, "maxTokens", "the most tokens of a text");
    this.int8 = new BooleanParam(uid, "int8", "whether a model of floats runs in int8");
    this.engine = new Param<>(uid, "engine", "the Engine that every executor must have");
    this.weightCache = new Param<>(uid, "weightCache", "the folder of packed weights on each host");
    this.sharedWeights = new BooleanParam(uid, "sharedWeights",
        "whether executors of a host share packed weights");
    this.sendFiles = new BooleanParam(uid, "sendFiles", "whether the files of the model are sent");
    setDefault(outputCol, "vector");
    setDefault(badRows, BadRows.FAIL.name());
    setDefault(int8, false);
    setDefault(sharedWeights, true);
    setDefault(sendFiles, false);
  }

  /**
   * Returns a reader of stages that were saved. Spark calls it by its name.
   *
   * @return a reader
   */
  public static MLReader<EmbeddingTransformer> read() {
    return new DefaultParamsReader<>();
  }

  /**
   * Returns the name of the stage.
   *
   * @return unique among stages
   */
  @Override
  public String uid() {
    return uid;
  }

  /**
   * Returns the parameter {@code inputCol}: the column of texts.
   *
   * @return the parameter
   */
  public Param<String> inputCol() {
    return inputCol;
  }

  /**
   * Returns the parameter {@code outputCol}: the column of vectors, arrays of float.
   *
   * @return the parameter
   */
  public Param<String> outputCol() {
    return outputCol;
  }

  /**
   * Returns the parameter {@code artifact}: the name of an EmbeddingArtifact.
   *
   * @return the parameter
   */
  public Param<String> artifact() {
    return artifact;
  }

  /**
   * Returns the parameter {@code model}: the path of an ONNX file.
   *
   * @return the parameter
   */
  public Param<String> model() {
    return model;
  }

  /**
   * Returns the parameter {@code tokenizer}: the path of the tokenizer of the model.
   *
   * @return the parameter
   */
  public Param<String> tokenizer() {
    return tokenizer;
  }

  /**
   * Returns the parameter {@code pooling}: CLS or MEAN.
   *
   * @return the parameter
   */
  public Param<String> pooling() {
    return pooling;
  }

  /**
   * Returns the parameter {@code keyCol}: the column that names rows in messages.
   *
   * @return the parameter
   */
  public Param<String> keyCol() {
    return keyCol;
  }

  /**
   * Returns the parameter {@code badRows}: FAIL or NULL.
   *
   * @return the parameter
   */
  public Param<String> badRows() {
    return badRows;
  }

  /**
   * Returns the parameter {@code batchTokens}: the most tokens of a batch.
   *
   * @return the parameter
   */
  public IntParam batchTokens() {
    return batchTokens;
  }

  /**
   * Returns the parameter {@code maxTokens}: the most tokens of a text.
   *
   * @return the parameter
   */
  public IntParam maxTokens() {
    return maxTokens;
  }

  /**
   * Returns the parameter {@code int8}: whether a model of floats runs in int8.
   *
   * @return the parameter
   */
  public BooleanParam int8() {
    return int8;
  }

  /**
   * Returns the parameter {@code engine}: the Engine that every executor must have.
   *
   * @return the parameter
   */
  public Param<String> engine() {
    return engine;
  }

  /**
   * Returns the parameter {@code weightCache}: the folder of packed weights on each host.
   *
   * @return the parameter
   */
  public Param<String> weightCache() {
    return weightCache;
  }

  /**
   * Returns the parameter {@code sharedWeights}: whether executors of a host share packed weights.
   *
   * @return the parameter
   */
  public BooleanParam sharedWeights() {
    return sharedWeights;
  }

  /**
   * Returns the parameter {@code sendFiles}: whether the files of the model are sent to executors.
   *
   * @return the parameter
   */
  public BooleanParam sendFiles() {
    return sendFiles;
  }

  /**
   * Sets the column of texts.
   *
   * @param column strings
   * @return this
   */
  public EmbeddingTransformer setInputCol(String column) {
    set(inputCol, Objects.requireNonNull(column, "column"));
    return this;
  }

  /**
   * Sets the column of vectors. Without this it is {@code vector}.
   *
   * @param column is added to the rows
   * @return this
   */
  public EmbeddingTransformer setOutputCol(String column) {
    set(outputCol, Objects.requireNonNull(column, "column"));
    return this;
  }

  /**
   * Sets the model to one of langchain4j's artifacts, whose jar is on the class path of the executors.
   *
   * @param name which one
   * @return this
   */
  public EmbeddingTransformer setArtifact(EmbeddingArtifact name) {
    set(artifact, Objects.requireNonNull(name, "name").name());
    return this;
  }

  /**
   * Sets the model to a file that executors find under the same path.
   *
   * @param onnx the ONNX file
   * @param tokenizerJson the file, in the format of Hugging Face's tokenizers
   * @param how how hidden states become a vector
   * @return this
   */
  public EmbeddingTransformer setModel(Path onnx, Path tokenizerJson, Pooling how) {
    set(model, Objects.requireNonNull(onnx, "onnx").toString());
    set(tokenizer, Objects.requireNonNull(tokenizerJson, "tokenizerJson").toString());
    set(pooling, Objects.requireNonNull(how, "how").name());
    return this;
  }

  /**
   * Sets the column that names rows in messages.
   *
   * @param column of any type
   * @return this
   */
  public EmbeddingTransformer setKeyCol(String column) {
    set(keyCol, Objects.requireNonNull(column, "column"));
    return this;
  }

  /**
   * Sets what becomes of bad rows. Without this the task fails.
   *
   * @param policy what becomes of them
   * @return this
   */
  public EmbeddingTransformer setBadRows(BadRows policy) {
    set(badRows, Objects.requireNonNull(policy, "policy").name());
    return this;
  }

  /**
   * Sets the most tokens of a batch.
   *
   * @param tokens 1 or more
   * @return this
   */
  public EmbeddingTransformer setBatchTokens(int tokens) {
    set(batchTokens, tokens);
    return this;
  }

  /**
   * Sets the most tokens of a text; longer ones are bad rows.
   *
   * @param tokens 1 or more
   * @return this
   */
  public EmbeddingTransformer setMaxTokens(int tokens) {
    set(maxTokens, tokens);
    return this;
  }

  /**
   * Sets whether a model of floats runs in int8.
   *
   * @param quantized false without this
   * @return this
   */
  public EmbeddingTransformer setInt8(boolean quantized) {
    set(int8, quantized);
    return this;
  }

  /**
   * Sets the engine that every executor must have. Without this each runs the best one that it has.
   *
   * @param forced which one; tasks fail where it is not there
   * @return this
   */
  public EmbeddingTransformer setEngine(Engine forced) {
    set(engine, Objects.requireNonNull(forced, "forced").name());
    return this;
  }

  /**
   * Sets the folder of packed weights, as {@link SparkEmbeddings#weightCache(Path)} does, with the same
   * default.
   *
   * @param folder on each host; is made where it is missing. Who can write into it decides what is computed
   * @return this
   */
  public EmbeddingTransformer setWeightCache(Path folder) {
    set(weightCache, Objects.requireNonNull(folder, "folder").toString());
    return this;
  }

  /**
   * Sets whether executors of a host share packed weights in files.
   *
   * @param shared true without this; false: each JVM has them in its memory, and there is no file of them
   * @return this
   */
  public EmbeddingTransformer setSharedWeights(boolean shared) {
    set(sharedWeights, shared);
    return this;
  }

  /**
   * Sets whether the files of the model are sent to executors when rows are transformed, as
   * {@link SparkEmbeddings#sendFiles} does.
   *
   * @param sent false without this: executors find the files under the paths of the driver
   * @return this
   */
  public EmbeddingTransformer setSendFiles(boolean sent) {
    set(sendFiles, sent);
    return this;
  }

  private SparkEmbeddings embeddings() {
    SparkEmbeddings embeddings = source().badRows(choice(badRows, BadRows.class));
    if (isTrue(int8)) {
      embeddings = embeddings.int8();
    }
    if (isSet(engine)) {
      embeddings = embeddings.engine(choice(engine, Engine.class));
    }
    if (isSet(weightCache)) {
      embeddings = embeddings.weightCache(Path.of(getOrDefault(weightCache)));
    }
    if (!isTrue(sharedWeights)) {
      embeddings = embeddings.withoutWeightCache();
    }
    if (isSet(batchTokens)) {
      embeddings = embeddings.batchTokens((Integer) getOrDefault(batchTokens));
    }
    if (isSet(maxTokens)) {
      embeddings = embeddings.maxTokens((Integer) getOrDefault(maxTokens));
    }
    return isSet(keyCol) ? embeddings.key(getOrDefault(keyCol)) : embeddings;
  }

  private boolean isTrue(BooleanParam param) {
    return (Boolean) getOrDefault(param);
  }

  /** The constant that a parameter names. */
  private <E extends Enum<E>> E choice(Param<String> param, Class<E> type) {
    String name = getOrDefault(param);
    return Arrays.stream(type.getEnumConstants()).filter(constant -> constant.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(param.name() + ": expected one of "
            + List.of(type.getEnumConstants()) + ", got " + name));
  }

  /** The artifact or the files. */
  private SparkEmbeddings source() {
    List<Param<String>> ofFiles = List.of(model, tokenizer, pooling);
    List<String> set = ofFiles.stream().filter(this::isSet).map(Param::name).toList();
    require(isDefined(inputCol), "inputCol: expected the column of texts");
    require(!isSet(artifact) || set.isEmpty(),
        "artifact: expected no model, tokenizer and pooling beside it, which are its own");
    require(isSet(artifact) || set.size() == ofFiles.size(),
        "artifact, model: expected an artifact, or a model with its tokenizer and pooling");
    require(!isSet(artifact) || !isTrue(sendFiles),
        "sendFiles: expected false for an artifact, whose jar has the files");
    require(isTrue(sharedWeights) || !isSet(weightCache),
        "weightCache: expected none where weights are not shared");
    return isSet(artifact)
        ? SparkEmbeddings.of(choice(artifact, EmbeddingArtifact.class))
        : SparkEmbeddings.of(Path.of(getOrDefault(model)), Path.of(getOrDefault(tokenizer)),
            choice(pooling, Pooling.class));
  }

  private void require(boolean fits, String expected) {
    if (!fits) {
      throw new IllegalArgumentException(expected + ", got " + extractParamMap());
    }
  }

  /**
   * Embeds the input column, as {@link SparkEmbeddings#transform(Dataset, String, String)} does.
   *
   * @param dataset the rows, all of whose columns are kept
   * @return the rows with one more column
   * @throws IllegalArgumentException if parameters are missing, contradict each other or do not fit the
   *         columns
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    Objects.requireNonNull(dataset, "dataset");
    SparkEmbeddings embeddings = embeddings();
    if (isTrue(sendFiles)) {
      embeddings = embeddings.sendFiles(dataset.sparkSession());
    }
    return embeddings.transform(dataset.toDF(), getOrDefault(inputCol), getOrDefault(outputCol));
  }

  /**
   * Returns the columns of the result.
   *
   * @param schema of the rows
   * @return the schema with one more column
   * @throws IllegalArgumentException if parameters are missing or do not fit the columns
   */
  @Override
  public StructType transformSchema(StructType schema) {
    Objects.requireNonNull(schema, "schema");
    return embeddings().outputSchema(schema, getOrDefault(inputCol), getOrDefault(outputCol));
  }

  /**
   * Copies the stage.
   *
   * @param extra parameters that the copy gets besides
   * @return the copy, of the same name
   */
  @Override
  public EmbeddingTransformer copy(ParamMap extra) {
    return defaultCopy(Objects.requireNonNull(extra, "extra"));
  }
}

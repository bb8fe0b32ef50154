package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.octet.Engine;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.OctetEmbeddingModel;
import dev.octet.langchain4j.Pooling;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Vectors that a cluster makes are those of one machine. */
class SparkEmbeddingsTest {
  private static final long SEED = 42;
  private static final String[] WORDS = "the a cat dog moon bank river rate rises sleeps under over quietly"
      .split(" ");
  private static final StructType SCHEMA = new StructType().add("id", DataTypes.IntegerType).add("text",
      DataTypes.StringType);
  private static final EmbeddingArtifact ARTIFACT = EmbeddingArtifact.ALL_MINILM_L6_V2_Q;
  private static final SparkEmbeddings EMBEDDINGS = SparkEmbeddings.of(ARTIFACT);

  private static final List<String> TEXTS = texts();
  /** The vectors of one machine. */
  private static List<Embedding> alone;
  private static int tokens;

  private static List<String> texts() {
    Random random = new Random(SEED);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      StringBuilder text = new StringBuilder();
      for (int words = 1 + random.nextInt(12); words > 0; words--) {
        text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
      }
      texts.add(text.toString());
    }
    return texts;
  }

  @BeforeAll
  static void embedAlone() {
    try (OctetEmbeddingModel model = OctetEmbeddingModel.builder().artifact(ARTIFACT).build()) {
      alone = model.embedAll(TEXTS.stream().map(TextSegment::from).toList()).content();
      tokens = TEXTS.stream().mapToInt(model::countTokens).sum();
    }
  }

  private static Dataset<Row> dataset(List<String> texts) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      rows.add(RowFactory.create(i, texts.get(i)));
    }
    return LocalSpark.session().createDataFrame(rows, SCHEMA);
  }

  /** By id; null where the vector is. */
  private static Map<Integer, float[]> vectors(Dataset<Row> rows) {
    Map<Integer, float[]> vectors = new TreeMap<>();
    for (Row row : rows.collectAsList()) {
      List<Float> numbers = row.getList(2);
      float[] vector = numbers == null ? null : new float[numbers.size()];
      for (int i = 0; vector != null && i < vector.length; i++) {
        vector[i] = numbers.get(i);
      }
      vectors.put(row.getInt(0), vector);
    }
    return vectors;
  }

  private static void requireAlone(Dataset<Row> rows, String what) {
    Map<Integer, float[]> vectors = vectors(rows);
    assertEquals(TEXTS.size(), vectors.size(), what);
    vectors.forEach((id, vector) -> assertArrayEquals(alone.get(id).vector(), vector,
        what + ", row " + id + ", seed " + SEED));
  }

  @Test
  void vectorsAreThoseOfOneMachineWhateverThePartitionsAndBatches() {
    for (int partitions : new int[]{1, 3}) {
      for (int batch : new int[]{1, 20, 4096}) {
        SparkCounters counters = SparkCounters.register(LocalSpark.session());
        Dataset<Row> rows = EMBEDDINGS.batchTokens(batch)
            .transform(dataset(TEXTS).repartition(partitions), "text", "vector", counters);
        requireAlone(rows, partitions + " partitions, batches of " + batch);
        assertEquals(TEXTS.size(), counters.rows());
        assertEquals(tokens, counters.tokens());
        assertEquals(0, counters.badRows());
        assertEquals(TEXTS.size(), counters.engines().values().stream().mapToLong(n -> n).sum());
      }
    }
  }

  @Test
  void anotherEngineGivesTheSameAndIsCounted() {
    SparkCounters counters = SparkCounters.register(LocalSpark.session());
    requireAlone(
        EMBEDDINGS.engine(Engine.VECTOR).transform(dataset(TEXTS), "text", "vector", counters), "VECTOR");
    assertEquals(Map.of("driver: VECTOR", (long) TEXTS.size()), counters.engines());
  }

  @Test
  void aTaskThatIsTriedAgainGivesItsRowsOnce() {
    SparkCounters counters = SparkCounters.register(LocalSpark.session());
    Dataset<Row> rows = EMBEDDINGS.batchTokens(20).transform(dataset(TEXTS).coalesce(2), "text", "vector",
        counters);
    MapPartitionsFunction<Row, Row> fails = partition -> {
      List<Row> read = new ArrayList<>();
      partition.forEachRemaining(read::add);
      if (TaskContext.get().attemptNumber() == 0) {
        throw new IllegalStateException("the first attempt");
      }
      return read.iterator();
    };
    requireAlone(rows.mapPartitions(fails, Encoders.row(rows.schema())), "second attempt");
    assertEquals(TEXTS.size(), counters.rows(), "attempts that fail count nothing");
  }

  @Test
  void badRowsBecomeNullAndAreCounted() {
    List<String> texts = new ArrayList<>(TEXTS);
    texts.set(3, null);
    texts.set(7, "\u200b");
    texts.set(11, "word ".repeat(31));
    SparkCounters counters = SparkCounters.register(LocalSpark.session());
    Map<Integer, float[]> vectors = vectors(EMBEDDINGS.maxTokens(30).badRows(BadRows.NULL)
        .transform(dataset(texts), "text", "vector", counters));
    for (int id = 0; id < texts.size(); id++) {
      boolean bad = List.of(3, 7, 11).contains(id);
      assertArrayEquals(bad ? null : alone.get(id).vector(), vectors.get(id), "row " + id);
    }
    assertEquals(3, counters.badRows());
    assertEquals(texts.size() - 3, counters.rows());
  }

  @Test
  void badRowsFailByName() {
    assertEquals("row 1 of partition 0: expected a text of at least a token, got null",
        failure(EMBEDDINGS, "good", null));
    assertEquals("row 1: expected a text of at least a token, got 0 tokens in 1 characters",
        failure(EMBEDDINGS.key("id"), "good", "\u200b"));
    assertEquals("row 0 of partition 0: expected a text of 1 to 4 tokens, got 5 tokens in 25 characters",
        failure(EMBEDDINGS.maxTokens(4), "word word word word word ", "good"));
  }

  private static String failure(SparkEmbeddings embeddings, String... texts) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < texts.length; i++) {
      rows.add(RowFactory.create(i, texts[i]));
    }
    Dataset<Row> input = LocalSpark.session().createDataFrame(rows, SCHEMA).coalesce(1);
    return assertThrows(IllegalArgumentException.class,
        () -> Jobs.run(embeddings.transform(input, "text", "vector")::collectAsList)).getMessage();
  }

  @Test
  void filesAreSentOrShared() throws IOException {
    // no folder that is removed: what was sent stays a part of the one application of all tests
    Path folder = Files.createDirectories(Path.of("target", "sent"));
    Path model = folder.resolve("m.onnx");
    Path tokenizer = folder.resolve("t.json");
    copy(ARTIFACT.resource(), model);
    copy(ARTIFACT.tokenizerResource(), tokenizer);
    SparkEmbeddings shared = SparkEmbeddings.of(model, tokenizer, Pooling.MEAN);
    requireAlone(shared.transform(dataset(TEXTS), "text", "vector"), "shared");
    SparkEmbeddings sent = shared.sendFiles(LocalSpark.session());
    assertTrue(Files.exists(Path.of(SparkFiles.get("m.onnx"))));
    requireAlone(sent.transform(dataset(TEXTS), "text", "vector"), "sent");
    assertThrows(IllegalStateException.class, () -> sent.sendFiles(LocalSpark.session()));
    assertThrows(IllegalStateException.class, () -> EMBEDDINGS.sendFiles(LocalSpark.session()));
    SparkEmbeddings alike = SparkEmbeddings.of(folder.resolve("a/x"), folder.resolve("b/x"), Pooling.CLS);
    assertEquals("tokenizer: expected another name than that of the model, got x",
        assertThrows(IllegalArgumentException.class, () -> alike.sendFiles(LocalSpark.session()))
            .getMessage());
  }

  /** A file of an artifact. */
  static Path copy(String resource, Path file) throws IOException {
    try (InputStream in = SparkEmbeddingsTest.class.getResourceAsStream("/" + resource)) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }

  @Test
  void columnsAndNumbersAreChecked() {
    Dataset<Row> rows = dataset(TEXTS);
    assertEquals("column words: expected one of that name, got [id, text]",
        refusal(() -> EMBEDDINGS.transform(rows, "words", "vector")));
    assertEquals("column id: expected string, got int",
        refusal(() -> EMBEDDINGS.transform(rows, "id", "vector")));
    assertEquals("column key: expected one of that name, got [id, text]",
        refusal(() -> EMBEDDINGS.key("key").transform(rows, "text", "vector")));
    assertEquals("column id: is there already", refusal(() -> EMBEDDINGS.transform(rows, "text", "id")));
    assertEquals("tokens: expected >= 1, got 0", refusal(() -> EMBEDDINGS.batchTokens(0)));
    assertEquals("tokens: expected >= 1, got -1", refusal(() -> EMBEDDINGS.maxTokens(-1)));
  }

  private static String refusal(Runnable work) {
    return assertThrows(IllegalArgumentException.class, work::run).getMessage();
  }

  @Test
  void floatsInIntegersAreNearAndTheFileIsItself() {
    // the file is quantized already: there is nothing left to quantize
    requireAlone(EMBEDDINGS.int8().transform(dataset(TEXTS), "text", "vector"), "int8");
    assertTrue(EMBEDDINGS.transform(dataset(List.of()), "text", "vector").isEmpty());
  }

  @Test
  void weightsAreSharedInAFolderOrNot() throws IOException {
    Path folder = Path.of("target", "weights-" + System.nanoTime());
    requireAlone(EMBEDDINGS.weightCache(folder).transform(dataset(TEXTS), "text", "vector"), "shared");
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.anyMatch(file -> file.toString().endsWith(".constant")));
    }
    Path own = Path.of("target", "spark", "octet-weights-" + System.getProperty("user.name"));
    requireAlone(EMBEDDINGS.transform(dataset(TEXTS), "text", "vector"), "shared by default");
    assertTrue(Files.isDirectory(own), own + " is below spark.local.dir");
    requireAlone(EMBEDDINGS.withoutWeightCache().transform(dataset(TEXTS), "text", "vector"), "not shared");
  }
}

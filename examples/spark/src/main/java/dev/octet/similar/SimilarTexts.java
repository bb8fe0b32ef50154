package dev.octet.similar;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FiguresFile;
import dev.octet.harness.report.Machine;
import dev.octet.harness.report.Origin;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.OctetEmbeddingModel;
import dev.octet.spark.SparkCounters;
import dev.octet.spark.SparkEmbeddings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Embeds texts that it makes up in one JVM and then on two executors, requires the same vectors, and prints
 * texts per second and core of both, the memory of the executors, and the texts that are nearest to ten
 * queries.
 *
 * <p>
 * Arguments: a folder, beside which the file of figures is written; {@code --texts N}, 100,000 without it;
 * {@code --rounds N}, by turns, 1 without it; {@code --halt}, one executor dies in the middle of its work,
 * and there are no figures.
 */
final class SimilarTexts {
  private static final EmbeddingArtifact MODEL = EmbeddingArtifact.ALL_MINILM_L6_V2_Q;
  private static final int CORES = 2;
  /** Texts in a call of the model; on executors the batches of {@link SparkEmbeddings}. */
  private static final int BATCH = 256;
  private static final int NEAREST = 3;
  /** Texts that are embedded before time is taken. */
  private static final int WARM_UP = 4000;
  /** Of the timed job: a task takes a second and more of 100,000 texts. */
  private static final int PARTITIONS = 32;

  private static final StructType ROWS = new StructType().add("id", DataTypes.LongType).add("text",
      DataTypes.StringType);

  /** Of fewer texts the figures are to see that it runs: JVMs compile loops meanwhile. */
  private static final long TEXTS_TO_QUOTE = 20_000;
  private static final String TOPIC = "Embeddings on Spark";
  private static final String EXECUTORS = "two executors of a core";

  /** What embedding all texts gave. */
  private record Run(long fingerprint, double seconds) {
    double rate(long texts) {
      return texts / seconds / CORES;
    }
  }

  /** A text that is near to a query. */
  private record Near(int query, float cosine, String text) {}

  private SimilarTexts() {}

  /**
   * Runs the program.
   *
   * @param arguments see the class
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (!Cluster.isPrepared()) {
      System.exit(Cluster.runAsDriver(Path.of(arguments[0]), SimilarTexts.class, arguments));
    }
    List<String> options = List.of(arguments);
    long texts = number(options, "--texts", 100_000);
    boolean halt = options.contains("--halt");
    double[] alone = new double[(int) number(options, "--rounds", 1)];
    double[] cluster = new double[alone.length];
    try (OctetEmbeddingModel model = OctetEmbeddingModel.builder().artifact(MODEL).threads(CORES).build();
        SparkSession spark = Cluster.start()) {
      long first = Math.min(texts, WARM_UP); // compiles the loops
      alone(model, first);
      if (!halt) {
        cluster(vectors(spark, first, SparkCounters.register(spark)), false);
      }
      for (int round = 0; round < alone.length; round++) {
        Run here = alone(model, texts);
        alone[round] = here.rate(texts);
        System.out.printf("one JVM, %d threads: %.0f texts a second and core%n", CORES, alone[round]);
        SparkCounters counters = SparkCounters.register(spark);
        Dataset<Row> vectors = vectors(spark, texts, counters);
        Run there = cluster(vectors, halt);
        cluster[round] = there.rate(texts);
        System.out.println(counters);
        System.out.printf("two executors, a core each: %.0f texts a second and core%n", cluster[round]);
        if (here.fingerprint != there.fingerprint) {
          throw new IllegalStateException(
              "vectors of " + texts + " texts: expected those of one JVM, got others");
        }
        if (round == alone.length - 1) {
          System.out.println("the same " + texts + " vectors" + (halt ? ", though an executor died" : ""));
          printNearest(vectors, model);
        }
        vectors.unpersist(true);
      }
      if (!halt) {
        List<Figure> figures = figures(texts, alone, cluster);
        Origin origin = new Origin(Machine.here(),
            "ci/spark " + String.join(" ", options.subList(1, options.size())),
            Origin.commitOf(Path.of(arguments[0])), List.of("Apache Spark " + spark.version()),
            texts < TEXTS_TO_QUOTE);
        Path file = Path.of(arguments[0]).resolveSibling("spark-figures.csv");
        new FiguresFile(origin.lines(), figures).write(file);
        System.out.println("figures: " + file);
      }
    }
  }

  private static long number(List<String> options, String name, long otherwise) {
    int at = options.indexOf(name);
    return at < 0 ? otherwise : Long.parseLong(options.get(at + 1));
  }

  /** The rates, and the memory of the executors as they are now. */
  private static List<Figure> figures(long texts, double[] alone, double[] cluster) {
    String subject = texts + " texts";
    double[] shares = cluster.clone();
    Arrays.setAll(shares, round -> cluster[round] / alone[round]);
    List<Figure> figures = new ArrayList<>(List.of(
        Figure.of(TOPIC, subject, "one JVM of two threads", "texts", "a second and core", alone),
        Figure.of(TOPIC, subject, EXECUTORS, "texts", "a second and core", cluster),
        Figure.of(TOPIC, subject, EXECUTORS, "beside one JVM", "times", shares)));
    List<ExecutorMemory> executors = ExecutorMemory.ofExecutors();
    if (!executors.isEmpty()) {
      figures.addAll(memory("all of it", executors.stream().map(ExecutorMemory::all).toList()));
      figures.addAll(memory("mapped weights and tables",
          executors.stream().map(ExecutorMemory::weights).toList()));
    }
    figures.forEach(figure -> System.out.println(figure.subject() + ", " + figure.peer() + ": "
        + figure.what() + " " + figure.text() + " " + figure.unit()));
    return figures;
  }

  private static List<Figure> memory(String subject, List<ExecutorMemory.Pages> executors) {
    String topic = "Memory of executors";
    return List.of(
        Figure.of(topic, subject, EXECUTORS, "resident", "MB",
            executors.stream().mapToDouble(ExecutorMemory.Pages::resident).toArray()),
        Figure.of(topic, subject, EXECUTORS, "share of an executor (PSS)", "MB",
            executors.stream().mapToDouble(ExecutorMemory.Pages::share).toArray()));
  }

  private static Run alone(OctetEmbeddingModel model, long texts) {
    long start = System.nanoTime();
    long fingerprint = 0;
    for (long first = 0; first < texts; first += BATCH) {
      long end = Math.min(texts, first + BATCH);
      List<TextSegment> batch = LongStream.range(first, end).mapToObj(n -> TextSegment.from(Texts.of(n)))
          .toList();
      List<Embedding> vectors = model.embedAll(batch).content();
      for (long number = first; number < end; number++) {
        fingerprint += Vectors.fingerprint(number, vectors.get((int) (number - first)).vector());
      }
    }
    return new Run(fingerprint, (System.nanoTime() - start) * 1e-9);
  }

  /** The columns id, text and vector. */
  private static Dataset<Row> vectors(SparkSession spark, long texts, SparkCounters counters) {
    Dataset<Row> rows = spark.range(0, texts, 1, PARTITIONS)
        .map((MapFunction<Long, Row>) number -> RowFactory.create(number, Texts.of(number)),
            Encoders.row(ROWS));
    return SparkEmbeddings.of(MODEL).key("id").transform(rows, "text", "vector", counters)
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  private static Run cluster(Dataset<Row> vectors, boolean halt) {
    long start = System.nanoTime();
    MapPartitionsFunction<Row, Long> sum = rows -> {
      long fingerprint = 0;
      for (int row = 0; rows.hasNext(); row++) {
        Row next = rows.next();
        fingerprint += Vectors.fingerprint(next.getLong(0), vector(next));
        if (halt && row == 1 && TaskContext.getPartitionId() == PARTITIONS / 2
            && TaskContext.get().attemptNumber() == 0) {
          Runtime.getRuntime().halt(1);
        }
      }
      return List.of(fingerprint).iterator();
    };
    long fingerprint = vectors.mapPartitions(sum, Encoders.LONG()).collectAsList().stream()
        .mapToLong(part -> part).sum();
    return new Run(fingerprint, (System.nanoTime() - start) * 1e-9);
  }

  private static float[] vector(Row row) {
    List<Float> numbers = row.getList(2);
    float[] vector = new float[numbers.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = numbers.get(i);
    }
    return vector;
  }

  private static void printNearest(Dataset<Row> vectors, OctetEmbeddingModel model) {
    List<float[]> queries = model.embedAll(Texts.QUERIES.stream().map(TextSegment::from).toList()).content()
        .stream().map(Embedding::vector).toList();
    MapPartitionsFunction<Row, String> near = rows -> nearest(rows, queries);
    Map<Integer, List<Near>> all = new TreeMap<>();
    for (String line : vectors.mapPartitions(near, Encoders.STRING()).collectAsList()) {
      String[] parts = line.split("\t", 3);
      Near found = new Near(Integer.parseInt(parts[0]), Float.parseFloat(parts[1]), parts[2]);
      keep(all.computeIfAbsent(found.query, query -> new ArrayList<>()), found);
    }
    all.forEach((query, found) -> {
      System.out.println(Texts.QUERIES.get(query));
      found.forEach(text -> System.out.printf("  %.2f %s%n", text.cosine, text.text));
    });
  }

  /** The texts of a partition that are nearest to each query, as lines. */
  private static Iterator<String> nearest(Iterator<Row> rows, List<float[]> queries) {
    List<List<Near>> nearest = new ArrayList<>(Collections.nCopies(queries.size(), null));
    nearest.replaceAll(none -> new ArrayList<>());
    while (rows.hasNext()) {
      Row row = rows.next();
      float[] vector = vector(row);
      for (int query = 0; query < queries.size(); query++) {
        keep(nearest.get(query),
            new Near(query, Vectors.cosine(queries.get(query), vector), row.getString(1)));
      }
    }
    return nearest.stream().flatMap(List::stream)
        .map(text -> text.query + "\t" + text.cosine + "\t" + text.text).iterator();
  }

  /** Adds a text, unless it is there, and keeps the nearest. */
  private static void keep(List<Near> texts, Near text) {
    if (texts.stream().noneMatch(other -> other.text.equals(text.text))) {
      texts.add(text);
      texts.sort(Comparator.comparingDouble(Near::cosine).reversed());
      if (texts.size() > NEAREST) {
        texts.removeLast();
      }
    }
  }
}

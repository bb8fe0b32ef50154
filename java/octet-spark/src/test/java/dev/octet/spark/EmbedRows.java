package dev.octet.spark;

import dev.octet.langchain4j.EmbeddingArtifact;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A program of docs/scale-out.md: the lines between the two marks stand there word for word. */
final class EmbedRows {
  private EmbedRows() {}

  static String run(SparkSession spark, String in, String out) {
    // README
    SparkCounters counters = SparkCounters.register(spark);
    Dataset<Row> texts = spark.read().parquet(in); // id, text
    SparkEmbeddings.of(EmbeddingArtifact.ALL_MINILM_L6_V2_Q).key("id").badRows(BadRows.NULL)
        .transform(texts, "text", "vector", counters)
        .write().parquet(out); // id, text, vector: array<float>
    System.out.println(counters); // rows, tokens, bad rows, and rows by executor and engine
    // README
    return counters.toString();
  }
}

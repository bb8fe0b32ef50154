package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read has a size; what is computed may take any time. */
class StoredBytesTest {
  /** 100 batches of 12 or 24 numbers. */
  private final Dataset<Row> rows = RecordedRows.dataset(RecordedRows.of("fc1", 12, 100, new Random(3)));

  private static long bytes(Dataset<Row> rows) {
    return StoredBytes
        .of(((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution().optimizedPlan());
  }

  @Test
  void filesAndWhatIsInMemoryHaveASize(@TempDir Path folder) {
    String path = folder.resolve("rows").toString();
    rows.write().parquet(path);
    Dataset<Row> read = LocalSpark.session().read().parquet(path);
    requireSize(bytes(read));
    requireSize(bytes(read.select("values", "layer")));
    assertEquals(Long.MAX_VALUE, bytes(read.where("layer <> 'fc2'")), "a condition takes time");
    Dataset<Row> cached = read.repartition(3).cache();
    try {
      assertEquals(Long.MAX_VALUE, bytes(cached.select("layer", "values")), "is computed when it is read");
      assertEquals(100, cached.count());
      requireSize(bytes(cached.select("layer", "values")));
    } finally {
      cached.unpersist(true);
    }
  }

  @Test
  void whatIsComputedHasNone() {
    assertEquals(Long.MAX_VALUE, bytes(rows.repartition(3)));
    assertEquals(Long.MAX_VALUE, bytes(LocalSpark.session().createDataFrame(rows.javaRDD(), rows.schema())),
        "as any function makes them");
  }

  private static void requireSize(long bytes) {
    assertTrue(bytes > 0 && bytes < 1 << 20, bytes + " bytes");
  }
}

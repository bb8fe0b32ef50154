package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Observer;
import dev.octet.testing.Repository;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/scale-out.md shows compiles and runs. */
class ScaleOutDocTest {
  @Test
  void programsAreThoseThatAreCompiled() {
    Repository.assertShows("docs/scale-out.md",
        "java/octet-spark/src/test/java/dev/octet/spark/CalibrateRows.java");
    Repository.assertShows("docs/scale-out.md",
        "java/octet-spark/src/test/java/dev/octet/spark/EmbedRows.java");
  }

  @Test
  void calibrationRuns(@TempDir Path folder) {
    String path = folder.resolve("inputs").toString();
    float[] values = {-1, 0.5f, 3};
    RecordedRows.dataset(List.of(new RecordedRows.Batch("fc1", values))).write().parquet(path);
    Observer alone = Observer.perTensor("fc1.input", CalibrationMethod.entropy());
    alone.observe(values);
    assertEquals(alone.quantization(DataType.U8, false), CalibrateRows.run(LocalSpark.session(), path));
  }

  @Test
  void embeddingsRun(@TempDir Path folder) {
    String in = folder.resolve("texts").toString();
    String out = folder.resolve("vectors").toString();
    LocalSpark.session().sql("select 1 as id, 'The cat slept.' as text union all select 2, null").coalesce(1)
        .write().parquet(in);
    assertEquals("1 rows, 4 tokens, 1 bad rows, {driver: NATIVE=1}",
        EmbedRows.run(LocalSpark.session(), in, out).replace("VECTOR", "NATIVE"));
    assertEquals(1, LocalSpark.session().read().parquet(out).where("size(vector) = 384").count());
  }
}

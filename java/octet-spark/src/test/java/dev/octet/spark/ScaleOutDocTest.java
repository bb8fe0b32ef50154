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
}

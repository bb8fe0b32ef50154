package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers that are none, and bytes that are not read as numbers: other ones are a difference. */
class FileComparisonTest {
  private static final float NAN = Float.NaN;
  private static final float INFINITE = Float.POSITIVE_INFINITY;

  @TempDir
  Path folder;

  private FileComparison.Row compare(TensorFiles before, TensorFiles after) {
    try (WeightFile x = WeightFile.open(before.write(folder.resolve("x.safetensors")));
        WeightFile y = WeightFile.open(after.write(folder.resolve("y.safetensors")))) {
      List<FileComparison.Row> rows = FileComparison.of(x, y, (name, done, total) -> {
      }).tensors();
      assertEquals(1, rows.size());
      return rows.getFirst();
    }
  }

  private static TensorFiles floats(float... values) {
    return new TensorFiles().floats("w", values, values.length);
  }

  @Test
  void whatBecameNoNumberIsAsFarOffAsCanBe() {
    for (float other : new float[]{NAN, INFINITE, -INFINITE}) {
      assertEquals(Double.NEGATIVE_INFINITY, compare(floats(1, 2, 3), floats(1, other, 3)).sqnr());
      assertEquals(Double.NEGATIVE_INFINITY, compare(floats(1, other, 3), floats(1, 2, 3)).sqnr());
      FileComparison.Row same = compare(floats(1, other, 3), floats(1, other, 3));
      assertEquals(Double.POSITIVE_INFINITY, same.sqnr());
      assertEquals(1, same.cosine(), 1e-12);
    }
    FileComparison.Row near = compare(floats(NAN, 2), floats(NAN, 2.5f));
    assertEquals(0.25, near.noise());
    assertEquals(4, near.signal());
  }

  @Test
  void bytesOfTypesThatAreNotRead() {
    TensorFiles codes = new TensorFiles().with("w", StoredType.F8_E8M0, 4);
    assertEquals(Double.POSITIVE_INFINITY, compare(codes, codes).sqnr());
    TensorFiles others = new TensorFiles().with("a", StoredType.U8, 4).with("w", StoredType.F8_E8M0, 4);
    try (WeightFile x = WeightFile.open(codes.write(folder.resolve("x.safetensors")));
        WeightFile y = WeightFile.open(others.write(folder.resolve("y.safetensors")))) {
      assertEquals(Double.NEGATIVE_INFINITY, FileComparison.of(x, y, (name, done, total) -> {
      }).tensors().getFirst().sqnr());
    }
  }

  /** A weight whose numbers only one file has did not stay what it was. */
  @Test
  void numbersAgainstBytes() {
    TensorFiles floats = new TensorFiles().with("w", StoredType.F32, 4, 4);
    for (TensorFiles codes : List.of(new TensorFiles().with("w", StoredType.F8_E4M3, 4, 4),
        new TensorFiles().other("w", "F24", 48, 4, 4))) {
      FileComparison.Row row = compare(floats, codes);
      assertEquals(Double.NEGATIVE_INFINITY, row.sqnr());
      assertFalse(row.isComparable());
      assertTrue(row.form().startsWith("not comparable: F32 and F"), row.form());
      assertEquals(row.form().replaceFirst("F32 and (.*)", "$1 and F32"), compare(codes, floats).form());
    }
  }

  private FileComparison files(TensorFiles before, TensorFiles after) {
    try (WeightFile x = WeightFile.open(before.write(folder.resolve("x.safetensors")));
        WeightFile y = WeightFile.open(after.write(folder.resolve("y.safetensors")))) {
      return FileComparison.of(x, y, (name, done, total) -> {
      });
    }
  }

  /** Scales that do not fit are in no weight: they are compared like any tensor, and copied as such. */
  @Test
  void scalesOfWhatIsNotRead() {
    TensorFiles one = new TensorFiles().with("table", StoredType.U8, 16, 16)
        .floats("table_scale", new float[]{1, 2, 3}, 3);
    TensorFiles other = new TensorFiles().with("table", StoredType.U8, 16, 16)
        .floats("table_scale", new float[]{4, 5, 6}, 3);
    assertEquals(List.of(27.0), files(one, other).tensors().stream()
        .filter(row -> row.name().equals("table_scale")).map(FileComparison.Row::noise).toList());
    assertEquals(List.of("table_scale"),
        files(one, new TensorFiles().with("table", StoredType.U8, 16, 16)).missing());
    QuantizationSummary summary = NothingIsLost.quantize(
        new TensorFiles().with("table", StoredType.U8, 16, 16).with("table_scale", StoredType.F32, 32, 64)
            .write(folder.resolve("t.safetensors")),
        folder.resolve("out.safetensors"), QuantizationScheme.int8Dynamic());
    assertEquals(List.of(), summary.names(QuantizationSummary.Outcome.QUANTIZED));
  }

  /** By its shape a square matrix may lie either way: its numbers tell. */
  @Test
  void squareMatricesMayBeTransposed() {
    Random random = new Random(3);
    float[] w = new float[64];
    float[] turned = new float[64];
    for (int i = 0; i < 64; i++) {
      w[i] = (float) random.nextGaussian();
      turned[i % 8 * 8 + i / 8] = w[i];
    }
    TensorFiles file = new TensorFiles().floats("w", w, 8, 8);
    FileComparison.Row row = compare(file, new TensorFiles().floats("w", turned, 8, 8));
    assertTrue(row.transposed());
    assertEquals("F32, transposed", row.form());
    assertEquals(0, row.noise());
    assertFalse(compare(file, file).transposed());
    float[] noise = new float[64];
    for (int i = 0; i < 64; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    row = compare(file, new TensorFiles().floats("w", noise, 8, 8));
    assertFalse(row.transposed());
    assertTrue(row.sqnr() < 0, "" + row.sqnr());
  }
}

package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
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
}

package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.GgufWriter.Slot;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** GGUF as any other file of weights: compared, and quantized to safetensors. */
class GgufWeightsTest {
  private static final WeightQuantizer.Progress SILENT = (tensor, done, total) -> {
  };
  private static final Shape MATRIX = Shape.of(3, 512);
  private static final Shape STACK = Shape.of(2, 4, 256);

  @TempDir
  Path folder;

  private static float[] random(long seed, Shape shape) {
    Random random = new Random(seed);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private Path write(String name, GgufType type) {
    Path path = folder.resolve(name);
    Map<String, GgufValue> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", GgufValue.of("llama"));
    metadata.put("llama.block_count", GgufValue.u32(2));
    metadata.put("tokens", new GgufValue(GgufValue.Type.STRING, List.of("a")));
    try (GgufWriter writer = new GgufWriter(path,
        List.of(new Slot("a.weight", type, MATRIX), new Slot("b_exps.weight", type, STACK),
            new Slot("b_exps.bias", GgufType.F32, Shape.of(2, 4)), new Slot("n", GgufType.F32, Shape.of(3))),
        metadata)) {
      writer.floats("a.weight", 0, random(1, MATRIX));
      writer.floats("b_exps.weight", 0, random(2, STACK));
      writer.floats("b_exps.bias", 0, random(3, Shape.of(2, 4)));
      writer.floats("n", 0, new float[]{1, 2, 3});
      writer.commit();
    }
    return path;
  }

  private static FileComparison compare(Path before, Path after) {
    try (WeightFile a = WeightFile.open(before); WeightFile b = WeightFile.open(after)) {
      return FileComparison.of(a, b, SILENT);
    }
  }

  /** The noise of each tensor by another way than that of the comparison: rows of GgufTensor. */
  private static double noise(Path before, Path after, String name) {
    try (GgufFile a = GgufFile.open(before); GgufFile b = GgufFile.open(after)) {
      float[] x = a.tensor(name).floats();
      float[] y = b.tensor(name).floats();
      double sum = 0;
      for (int i = 0; i < x.length; i++) {
        sum += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
      }
      return sum;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q8_0", "Q4_K", "Q6_K", "MXFP4"})
  void blocksAreComparedWithFloatsAndWithBlocks(GgufType type) {
    Path floats = write("floats.gguf", GgufType.F32);
    Path blocks = write("blocks.gguf", type);
    Path others = write("others.gguf", GgufType.Q4_0);
    FileComparison comparison = compare(floats, blocks);
    assertEquals(List.of(), comparison.missing());
    for (FileComparison.Row row : comparison.tensors().subList(0, 2)) {
      assertEquals(type.name(), row.form());
      assertEquals(noise(floats, blocks, row.name()), row.noise(), 1e-12 * row.signal());
      assertTrue(row.noise() > 0 && row.sqnr() > 15, row.toString());
      assertEquals(row.elements() / type.elements() * type.bytes(), row.bytesAfter());
    }
    assertEquals(0, comparison.tensors().get(3).noise());
    assertEquals(noise(others, blocks, "a.weight"), compare(others, blocks).tensors().getFirst().noise(),
        1e-9);
    assertEquals(0, compare(blocks, blocks).tensors().getFirst().noise());
  }

  /** Of 16384 elements a part: the last is no whole one, and parts begin within rows. */
  @Test
  void rowsThatAreLongerThanAPart() {
    Shape shape = Shape.of(2, (1 << 16) + 256);
    List<Path> paths = new ArrayList<>();
    for (GgufType type : List.of(GgufType.F32, GgufType.Q6_K)) {
      Path path = folder.resolve(type + ".gguf");
      try (GgufWriter writer = new GgufWriter(path, List.of(new Slot("a.weight", type, shape)), Map.of())) {
        writer.floats("a.weight", 0, random(9, shape));
        writer.commit();
      }
      paths.add(path);
    }
    FileComparison.Row row = compare(paths.get(0), paths.get(1)).tensors().getFirst();
    assertEquals(noise(paths.get(0), paths.get(1), "a.weight"), row.noise(), 1e-9);
    assertEquals(shape.elements(), row.elements());
  }

  /** Safetensors with tensors of the same names, one of them transposed. */
  @Test
  void safetensorsOfTheSameNames() {
    Path blocks = write("blocks.gguf", GgufType.Q8_0);
    Path other = folder.resolve("other.safetensors");
    float[] a = random(1, MATRIX);
    float[] turned = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      turned[i % 512 * 3 + i / 512] = a[i];
    }
    new TensorFiles().floats("a.weight", turned, 512, 3).floats("b_exps.weight", random(2, STACK), 2, 4, 256)
        .write(other);
    FileComparison comparison = compare(other, blocks);
    assertEquals(List.of(), comparison.missing());
    assertTrue(comparison.tensors().stream().allMatch(row -> row.sqnr() > 40), comparison.toString());
    assertTrue(comparison.tensors().getFirst().transposed());
    assertEquals("Q8_0, transposed", comparison.tensors().getFirst().form());
  }

  @Test
  void blocksThatAreNotReadAreComparedByTheirBytes() {
    Path one = odd("one.gguf", 1);
    assertEquals(0, compare(one, one).tensors().getFirst().noise());
    FileComparison.Row row = compare(one, odd("two.gguf", 2)).tensors().getFirst();
    assertEquals("IQ1_S", row.form());
    assertFalse(row.isComparable());
    Path floats = folder.resolve("floats.safetensors");
    new TensorFiles().floats("odd.weight", new float[512], 2, 256).write(floats);
    assertEquals("not comparable: F32 and IQ1_S", compare(floats, one).tensors().getFirst().form());
  }

  private Path odd(String name, int fill) {
    Path path = folder.resolve(name);
    byte[] bytes = new byte[100];
    bytes[5] = (byte) fill;
    try (GgufWriter writer = new GgufWriter(path,
        List.of(new Slot("odd.weight", GgufType.IQ1_S, Shape.of(2, 256))), Map.of())) {
      writer.write("odd.weight", MemorySegment.ofArray(bytes));
      writer.commit();
    }
    return path;
  }

  /** Floats of GGUF become integers in safetensors as those of other files do, experts with scales each. */
  @Test
  void floatsBecomeIntegers() {
    Path in = write("floats.gguf", GgufType.F16);
    Path out = folder.resolve("out.safetensors");
    QuantizationSummary summary = NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic());
    assertEquals(List.of("a.weight", "b_exps.weight"),
        summary.names(QuantizationSummary.Outcome.QUANTIZED));
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(Granularity.PER_CHANNEL, file.quantized("a.weight").quantization().granularity());
      assertEquals(256, file.quantized("b_exps.weight").quantization().groupSize());
      assertEquals(new WeightAxes(1, 2), file.axes("b_exps.weight"));
      assertEquals("llama", file.metadata().get("general.architecture"));
      assertEquals("2", file.metadata().get("llama.block_count"));
      assertNull(file.metadata().get("tokens"));
    }
    assertTrue(compare(in, out).tensors().stream().allMatch(row -> row.noise() == 0 || row.sqnr() > 38));
  }

  @Test
  void blocksAreNotWrittenToSafetensors() {
    Path in = write("blocks.gguf", GgufType.Q8_0);
    try (WeightFile file = WeightFile.open(in)) {
      String said = assertThrows(IllegalArgumentException.class,
          () -> WeightQuantizer.quantize(file, folder.resolve("out.safetensors"),
              new SchemeChoice(QuantizationScheme.int8Dynamic()), WeightQuantizer.Method.NEAREST, List.of(),
              Map.of(), SILENT))
          .getMessage();
      assertTrue(said.startsWith("safetensors has no types of blocks, which a.weight Q8_0 [3, 512], "
          + "b_exps.weight Q8_0 [2, 4, 256] of the GGUF file have; quantize the file of F32"), said);
      assertEquals(BlockFormat.Q8_0, file.blocks("a.weight").orElseThrow().format());
      assertTrue(file.blocks("n").isEmpty());
      assertThrows(IllegalArgumentException.class, () -> file.blocks("x"));
      assertThrows(IllegalArgumentException.class, () -> file.quantized("a.weight"));
      assertEquals(List.of(in), file.files());
      assertEquals("outputs last: weights of GGUF have their output features first, expected none to be"
          + " named, got [a]",
          assertThrows(IllegalArgumentException.class, () -> OutputsLast.of(file, List.of("a")))
              .getMessage());
    }
  }
}

package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.quantize.BlockQuantizer;
import dev.octet.quantize.file.GgufWriter.Slot;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgufQuantizerTest {
  private static final WeightQuantizer.Progress SILENT = (tensor, done, total) -> {
  };

  @TempDir
  Path folder;

  private QuantizationSummary quantize(Path in, Path out, BlockFormat format, Predicate<String> layers) {
    try (GgufFile file = GgufFile.open(in)) {
      return GgufQuantizer.quantize(file, out, format, layers, SILENT);
    }
  }

  /** A file of random floats, and of other tensors, as bytes of random numbers from -1 to 1. */
  private Path write(String name, Map<String, GgufValue> metadata, Slot... slots) {
    Path path = folder.resolve(name);
    try (GgufWriter writer = new GgufWriter(path, List.of(slots), metadata)) {
      for (Slot slot : slots) {
        if (slot.type() == GgufType.F32 || slot.type() == GgufType.F16 || slot.type() == GgufType.BF16
            || slot.type() == GgufType.Q8_0) {
          writer.floats(slot.name(), 0, random(slot.name(), slot.shape().elements()));
        } else {
          byte[] bytes = new byte[Math.toIntExact(slot.type().bytes(slot.shape()))];
          new Random(7).nextBytes(bytes);
          writer.write(slot.name(), MemorySegment.ofArray(bytes));
        }
      }
      writer.commit();
    }
    return path;
  }

  private static float[] random(String name, long count) {
    Random random = new Random(name.hashCode());
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return values;
  }

  private static byte[] bytes(GgufTensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  /** The largest error of a number from -1 to 1: half a step, and what the scale's own rounding adds. */
  @ParameterizedTest
  @CsvSource({"Q4_0, 2, 0.16", "Q8_0, 7, 0.01", "Q4_K, 14, 0.15", "Q6_K, 18, 0.05", "MXFP4, 38, 0.26"})
  void floatsBecomeBlocks(BlockFormat format, long fileType, float worst) {
    Map<String, GgufValue> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", GgufValue.of("llama"));
    metadata.put("general.file_type", GgufValue.u32(1));
    metadata.put("general.alignment", GgufValue.u32(64));
    metadata.put("tokens", new GgufValue(GgufValue.Type.STRING, List.of("a", "b")));
    Path in = write("in.gguf", metadata, new Slot("a.weight", GgufType.F32, Shape.of(3, 512)),
        new Slot("norm.weight", GgufType.F32, Shape.of(512)),
        new Slot("b.weight", GgufType.F16, Shape.of(5, 256)),
        new Slot("c_exps.weight", GgufType.BF16, Shape.of(2, 4, 256)));
    Path out = folder.resolve("out.gguf");
    QuantizationSummary summary = quantize(in, out, format, layer -> true);
    assertEquals(List.of("a.weight", "b.weight", "c_exps.weight"), summary.names(Outcome.QUANTIZED));
    assertEquals("3 " + format, summary.text(Outcome.QUANTIZED));
    assertEquals("1 of fewer than two dimensions", summary.text(Outcome.COPIED));
    try (GgufFile before = GgufFile.open(in); GgufFile after = GgufFile.open(out)) {
      assertEquals(before.names(), after.names());
      metadata.put("general.file_type", GgufValue.u32(fileType));
      metadata.put("general.quantization_version", GgufValue.u32(2));
      assertEquals(metadata, after.values());
      assertEquals(List.copyOf(metadata.keySet()), List.copyOf(after.values().keySet()));
      assertArrayEquals(bytes(before.tensor("norm.weight")), bytes(after.tensor("norm.weight")));
      for (String name : summary.names(Outcome.QUANTIZED)) {
        float[] x = before.tensor(name).floats();
        assertEquals(before.tensor(name).shape(), after.tensor(name).shape());
        assertArrayEquals(BlockQuantizer.quantize(format, x, 0, x.length), bytes(after.tensor(name)), name);
        float[] row = new float[after.tensor(name).block().columns()];
        for (int r = 0; r < after.tensor(name).rows(); r++) {
          after.tensor(name).block().dequantize(r, row);
          for (int i = 0; i < row.length; i++) {
            assertEquals(x[r * row.length + i], row[i], worst, name + " " + r + " " + i);
          }
        }
      }
    }
  }

  @Test
  void whatIsCopiedSaysWhy() {
    Path in = write("in.gguf", Map.of("split.count", new GgufValue(GgufValue.Type.U16, 1L)),
        new Slot("a.weight", GgufType.F32, Shape.of(2, 256)),
        new Slot("short.weight", GgufType.F16, Shape.of(4, 96)),
        new Slot("row.weight", GgufType.F32, Shape.of(1, 256)),
        new Slot("blk.0.ffn_down_exps.bias", GgufType.F32, Shape.of(2, 256)),
        new Slot("blk.0.ssm_a", GgufType.F32, Shape.of(2, 256)),
        new Slot("blk.0.ffn_gate_inp.weight", GgufType.F32, Shape.of(2, 256)),
        new Slot("blk.0.time_mix_w1.weight", GgufType.F32, Shape.of(2, 256)),
        new Slot("blk.0.time_mix_key.weight", GgufType.F32, Shape.of(2, 256)),
        new Slot("double.weight", GgufType.F64, Shape.of(2, 256)),
        new Slot("ids.weight", GgufType.I32, Shape.of(2, 256)),
        new Slot("old.weight", GgufType.Q8_0, Shape.of(2, 256)),
        new Slot("odd.weight", GgufType.IQ1_S, Shape.of(2, 256)),
        new Slot("no.weight", GgufType.F32, Shape.of(2, 256)));
    Path out = folder.resolve("out.gguf");
    QuantizationSummary summary = quantize(in, out, BlockFormat.Q4_K, layer -> !layer.equals("no"));
    assertEquals(List.of("a.weight", "blk.0.time_mix_key.weight"), summary.names(Outcome.QUANTIZED));
    assertEquals(Map.of("Q8_0", 1L, "IQ1_S", 1L), summary.counts(Outcome.KEPT));
    Map<String, String> reasons = new LinkedHashMap<>();
    summary.entries().stream().filter(entry -> entry.outcome() == Outcome.COPIED)
        .forEach(entry -> reasons.put(entry.tensor(), entry.what()));
    assertEquals(Map.of("short.weight", "rows of 96 are no whole blocks of 256", "row.weight",
        "of fewer than two rows", "blk.0.ffn_down_exps.bias", "of a name that does not end in weight",
        "blk.0.ssm_a", "of a name that does not end in weight", "blk.0.ffn_gate_inp.weight",
        "of a kind that is kept in floats", "blk.0.time_mix_w1.weight", "of a kind that is kept in floats",
        "double.weight", "of type F64", "ids.weight", "of type I32", "no.weight", "not chosen"), reasons);
    try (GgufFile before = GgufFile.open(in); GgufFile after = GgufFile.open(out)) {
      assertEquals(before.names(), after.names());
      for (GgufTensor tensor : before.tensors()) {
        if (!summary.names(Outcome.QUANTIZED).contains(tensor.name())) {
          assertEquals(tensor.type(), after.tensor(tensor.name()).type());
          assertArrayEquals(bytes(tensor), bytes(after.tensor(tensor.name())), tensor.name());
        }
      }
      assertEquals(List.of("general.file_type", "general.quantization_version"),
          List.copyOf(after.values().keySet()));
    }
  }

  /** Where nothing is quantized a file stays what it is, but for what it says of its parts. */
  @Test
  void nothingChosenChangesNothing() throws IOException {
    Path in = write("in.gguf", Map.of("general.file_type", GgufValue.u32(0)),
        new Slot("a.weight", GgufType.F32, Shape.of(2, 256)));
    Path out = folder.resolve("out.gguf");
    assertEquals("1 not chosen",
        quantize(in, out, BlockFormat.Q8_0, layer -> false).text(Outcome.COPIED));
    assertArrayEquals(Files.readAllBytes(in), Files.readAllBytes(out));
  }

  /** Slabs end within rows, and each has several parts. */
  @Test
  void tensorsOfManySlabs() {
    Shape shape = Shape.of(7, 3 * (1 << 18) + 256);
    Path in = write("in.gguf", Map.of(), new Slot("a.weight", GgufType.F16, shape));
    Path out = folder.resolve("out.gguf");
    List<Long> steps = new ArrayList<>();
    try (GgufFile file = GgufFile.open(in)) {
      GgufQuantizer.quantize(file, out, BlockFormat.Q8_0, layer -> true, (tensor, done, total) -> {
        assertEquals(2 * shape.elements(), total);
        steps.add(done);
      });
    }
    assertEquals(2 * shape.elements(), steps.getLast());
    assertEquals(6, steps.size());
    try (GgufFile before = GgufFile.open(in); GgufFile after = GgufFile.open(out)) {
      float[] x = before.tensor("a.weight").floats();
      assertArrayEquals(BlockQuantizer.quantize(BlockFormat.Q8_0, x, 0, x.length),
          bytes(after.tensor("a.weight")));
    }
  }

  @Test
  void numbersThatNoBlockHoldsAreNamed() throws IOException {
    float[] x = new float[4 * 256];
    x[2 * 256 + 7] = Float.NaN;
    refused(x, BlockFormat.Q4_K,
        "tensor a.weight[2, 7]: expected a finite number, got NaN; leave the layer as it is, --exclude a");
    x[2 * 256 + 7] = 1e30f;
    refused(x, BlockFormat.Q4_K, "tensor a.weight, from element 0: values: the block of values[");
  }

  private void refused(float[] x, BlockFormat format, String message) throws IOException {
    Path in = folder.resolve("in.gguf");
    try (GgufWriter writer = new GgufWriter(in,
        List.of(new Slot("a.weight", GgufType.F32, Shape.of(4, 256))), Map.of())) {
      writer.floats("a.weight", 0, x);
      writer.commit();
    }
    Path out = Files.createDirectories(folder.resolve("out")).resolve("out.gguf");
    String said = assertThrows(IllegalArgumentException.class, () -> quantize(in, out, format, layer -> true))
        .getMessage();
    assertTrue(said.startsWith(message), said);
    try (Stream<Path> files = Files.list(out.getParent())) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void whatCannotBeDoneIsRefusedBeforehand() throws IOException {
    Path unknown = Files.write(folder.resolve("unknown.gguf"),
        new GgufBytes().tensor("a.weight", 0, new byte[2048], 256, 2).tensor("b", 99, new byte[40], 7)
            .bytes());
    Path out = folder.resolve("out.gguf");
    assertEquals("tensor b: expected a type that is known, got type 99, of which it is not known how many"
        + " bytes are its own",
        assertThrows(IllegalArgumentException.class,
            () -> quantize(unknown, out, BlockFormat.Q8_0, layer -> true)).getMessage());
    Path in = write("in.gguf", Map.of(), new Slot("a.weight", GgufType.F32, Shape.of(2, 256)));
    assertEquals("format: floats are quantized to Q4_0, Q8_0, Q4_K, Q6_K and MXFP4, not to Q5_K",
        assertThrows(UnsupportedOperationException.class,
            () -> quantize(in, out, BlockFormat.Q5_K, layer -> true)).getMessage());
    Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), in);
    assertTrue(assertThrows(IllegalArgumentException.class,
        () -> quantize(in, link, BlockFormat.Q8_0, layer -> true)).getMessage().contains("is the input"));
    assertTrue(Files.notExists(out));
  }

  /** 384 MB of F32 and the tokens of a large vocabulary through a heap of 64 MB. */
  @Test
  void streamsWithASmallHeap() throws IOException {
    Path in = folder.resolve("big.gguf");
    List<Slot> slots = IntStream.range(0, 12)
        .mapToObj(i -> new Slot("blk." + i + ".weight", GgufType.F32, Shape.of(2048, 4096))).toList();
    GgufOutput head = new GgufOutput();
    head.number(GgufValue.Type.U32, GgufHeader.MAGIC);
    head.number(GgufValue.Type.U32, GgufHeader.VERSION);
    head.number(GgufValue.Type.U64, slots.size());
    head.number(GgufValue.Type.U64, 2);
    for (String key : List.of("tokens", "merges")) {
      int count = key.equals("tokens") ? 128_256 : 280_147; // as Llama 3 has them
      head.entry(key, new GgufValue(GgufValue.Type.STRING,
          IntStream.range(0, count).mapToObj(i -> "token " + i).toList()));
    }
    long size = 4L * 2048 * 4096;
    slots.forEach(slot -> head.place(slot, size * slots.indexOf(slot)));
    long start = GgufHeader.padded(head.size(), 32);
    try (RandomAccessFile file = new RandomAccessFile(in.toFile(), "rw")) {
      file.write(head.toByteArray());
      for (int i = 1; i <= slots.size(); i++) {
        file.seek(start + i * size - 4);
        file.write(new byte[]{0, 0, (byte) 0x80, 0x3f}); // the only number that is not 0
      }
    }
    Path out = folder.resolve("small.gguf");
    ChildJvm.Result result = ChildJvm.of(Stream384.class, List.of("-Xmx64m"),
        List.of(GgufQuantizer.class, DataType.class), in.toString(), out.toString()).run();
    assertEquals(0, result.exit(), result.output());
    try (GgufFile file = GgufFile.open(out)) {
      assertEquals("STRING[280147]", file.values().get("merges").toString());
      float[] row = new float[4096];
      file.tensor("blk.3.weight").row(2047, row);
      assertEquals(1, row[4095], 0.001);
      assertEquals(0, row[4000]);
    }
  }

  /** The child. */
  static final class Stream384 {
    private Stream384() {}

    /** In, out. */
    public static void main(String[] args) {
      try (GgufFile file = GgufFile.open(Path.of(args[0]))) {
        GgufQuantizer.quantize(file, Path.of(args[1]), BlockFormat.Q8_0, layer -> true, SILENT);
      }
    }
  }
}

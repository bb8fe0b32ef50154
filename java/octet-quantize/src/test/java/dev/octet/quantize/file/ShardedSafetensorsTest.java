package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two files and their index, as Hugging Face writes them; and indices that mean harm. */
class ShardedSafetensorsTest {
  private static final String ONE = "model-00001-of-00002.safetensors";
  private static final String TWO = "model-00002-of-00002.safetensors";

  @TempDir
  Path top;
  private Path folder;
  private Path index;

  @BeforeEach
  void shards() throws IOException {
    folder = Files.createDirectory(top.resolve("model"));
    index = folder.resolve("model.safetensors.index.json");
    RecordedInputsTest.write(folder.resolve(ONE), "a.weight", numbers(0), Shape.of(8, 8));
    RecordedInputsTest.write(folder.resolve(TWO), "b.weight", numbers(1), Shape.of(8, 8));
    RecordedInputsTest.write(top.resolve("outside.safetensors"), "a.weight", numbers(2), Shape.of(8, 8));
    Files.writeString(index, """
        {"metadata": {"total_size": 512, "nested": {"is": "passed over"}},
         "weight_map": {"b.weight": "%s", "a.weight": "%s"}}
        """.formatted(TWO, ONE));
  }

  private static float[] numbers(int seed) {
    float[] values = new float[64];
    for (int i = 0; i < 64; i++) {
      values[i] = (i * 37 + seed * 11) % 64 - 31.5f;
    }
    return values;
  }

  @Test
  void isOneFileOfBoth() {
    for (Path path : List.of(index, folder)) {
      StoredTensor kept;
      try (WeightFile file = WeightFile.open(path)) {
        assertEquals("sharded safetensors", file.format());
        assertEquals(List.of("b.weight F32 [8, 8]", "a.weight F32 [8, 8]"),
            file.tensors().stream().map(StoredTensor::toString).toList());
        assertArrayEquals(numbers(0), file.tensor("a.weight").floats());
        assertArrayEquals(numbers(1), file.tensor("b.weight").floats());
        assertEquals(Map.of("total_size", "512"), file.metadata());
        assertEquals(0, file.outputAxis("a.weight"));
        assertEquals("there is no tensor c in the file, which has 2",
            assertThrows(IllegalArgumentException.class, () -> file.tensor("c")).getMessage());
        kept = file.tensor("b.weight");
      }
      assertThrows(IllegalStateException.class, kept::floats, "unmapped with the others");
    }
  }

  @Test
  void anIndexThatIsWrittenIsRead() throws IOException {
    Files.delete(index);
    Path written = folder.resolve("new.safetensors.index.json");
    ShardedSafetensors.writeIndex(written, List.of(TWO, ONE));
    try (WeightFile file = WeightFile.open(folder)) {
      assertEquals(List.of("a.weight F32 [8, 8]", "b.weight F32 [8, 8]"),
          file.tensors().stream().map(StoredTensor::toString).toList());
      assertArrayEquals(numbers(1), file.tensor("b.weight").floats());
      assertEquals(Map.of("total_size", "512"), file.metadata());
    }
    RecordedInputsTest.write(folder.resolve("again"), "a.weight", numbers(0), Shape.of(8, 8));
    assertEquals("tensor a.weight: expected it in one file, got " + ONE + " and again",
        assertThrows(IllegalArgumentException.class,
            () -> ShardedSafetensors.writeIndex(written, List.of(ONE, "again"))).getMessage());
    assertEquals(
        "index: expected a name such as model.safetensors.index.json, got " + top.resolve("index.json"),
        assertThrows(IllegalArgumentException.class,
            () -> ShardedSafetensors.writeIndex(top.resolve("index.json"), List.of())).getMessage());
  }

  /** What verify does: the shards before, one file after. */
  @Test
  void quantizedIntoOneFileAndCompared() {
    Path out = folder.resolve("int8.safetensors");
    WeightForm form = new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, 0, 0);
    try (WeightFile file = WeightFile.open(folder)) {
      WeightQuantizer.quantize(file, out, (tensor, axis) -> Optional.of(form),
          WeightQuantizer.Method.NEAREST, List.of(), Map.of(), (name, done, total) -> {
          });
    }
    try (WeightFile before = WeightFile.open(folder); WeightFile after = WeightFile.open(out)) {
      FileComparison comparison = FileComparison.of(before, after, (name, done, total) -> {
      });
      assertTrue(comparison.missing().isEmpty());
      assertEquals(2, comparison.tensors().size());
      comparison.tensors().forEach(row -> assertTrue(row.sqnr() > 35 && row.noise() > 0, row.toString()));
    }
  }

  /** Scales may be in another file than their integers, and what the metadata of either says holds. */
  @Test
  void quantizedAcrossFiles() throws IOException {
    String described = "{\"a\":{\"type\":\"S4\",\"shape\":[2,4],\"axis\":0,\"output_axis\":1}}";
    try (SafetensorsWriter writer = new SafetensorsWriter(folder.resolve(ONE),
        List.of(new Slot("a", StoredType.U8, Shape.of(2, 2)),
            new Slot("b_scale", StoredType.F32, Shape.of(1))),
        Map.of(StoredQuantization.KEY, described, "format", "pt"))) {
      writer.write("a", MemorySegment.ofArray(new byte[]{0x21, 0x43, 0x65, 0x07}));
      writer.write("b_scale", RecordedInputsTest.little(new float[]{3}));
      writer.commit();
    }
    try (SafetensorsWriter writer = new SafetensorsWriter(folder.resolve(TWO),
        List.of(new Slot("a_scale", StoredType.F32, Shape.of(2, 1)),
            new Slot("b", StoredType.I8, Shape.of(3))),
        Map.of("format", "other"))) {
      writer.write("a_scale", RecordedInputsTest.little(new float[]{1, 0.5f}));
      writer.write("b", MemorySegment.ofArray(new byte[]{1, -2, 3}));
      writer.commit();
    }
    map("a", ONE, "b_scale", ONE, "a_scale", TWO, "b", TWO);
    try (WeightFile file = WeightFile.open(index)) {
      assertEquals(List.of("a", "b"), file.quantizedNames());
      assertEquals(2, file.quantized("a").real(1));
      assertEquals(3, file.quantized("a").real(5));
      assertEquals(-6, file.quantized("b").real(1));
      assertEquals(1, file.outputAxis("a"));
      assertTrue(file.isParameter("a_scale") && file.isParameter("b_scale"));
      assertEquals("pt", file.metadata().get("format"));
    }
  }

  private void map(String... tensorsAndFiles) throws IOException {
    StringBuilder text = new StringBuilder("{\"weight_map\":{");
    for (int i = 0; i < tensorsAndFiles.length; i += 2) {
      text.append(i == 0 ? "" : ",").append('"').append(tensorsAndFiles[i]).append("\":\"")
          .append(tensorsAndFiles[i + 1].replace("\\", "\\\\")).append('"');
    }
    Files.writeString(index, text.append("}}"));
  }

  private void refused(String message) {
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> WeightFile.open(index));
    assertTrue(e.getMessage().startsWith(index + ": ") && e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void namesThatLeadOut() throws IOException {
    Files.createDirectory(folder.resolve("below"));
    Files.copy(folder.resolve(ONE), folder.resolve("below").resolve(ONE));
    for (String name : List.of("../outside.safetensors", top.resolve("outside.safetensors").toString(), "..",
        ".", "", "./" + ONE, "below/" + ONE, "..\\outside.safetensors", "below\\..\\" + ONE)) {
      map("a.weight", name);
      refused("expected names of files in the same folder, got \"" + name + "\"");
    }
    Files.writeString(index, "{\"weight_map\":{\"a.weight\":\"a\\u0000b\"}}");
    refused("there is no file");
    map("a.weight", "model-00003-of-00002.safetensors");
    refused("there is no file \"model-00003-of-00002.safetensors\"");
    map("a.weight", "below");
    refused("\"below\" is no file");
    Files.createSymbolicLink(folder.resolve("link.safetensors"), top.resolve("outside.safetensors"));
    map("a.weight", "link.safetensors");
    refused("\"link.safetensors\" is a link out of the folder");
    Files.createSymbolicLink(folder.resolve("dangling.safetensors"), top.resolve("nothing"));
    map("a.weight", "dangling.safetensors");
    refused("there is no file");
  }

  /** An index that forgets tensors does not take them out of the files. */
  @Test
  void tensorsThatTheIndexDoesNotNameAreCarried() throws IOException {
    new TensorFiles().with("a.weight", StoredType.F32, 4, 8).with("b.scales", StoredType.F32, 3)
        .with("c", StoredType.I32, 2).write(folder.resolve(ONE));
    Files.delete(folder.resolve(TWO));
    map("c", ONE);
    Path out = folder.resolve("out.safetensors");
    NothingIsLost.quantize(index, out, dev.octet.quantize.QuantizationScheme.int8Dynamic());
    try (WeightFile file = WeightFile.open(index); WeightFile after = WeightFile.open(out)) {
      assertEquals(List.of("c", "a.weight", "b.scales"),
          file.tensors().stream().map(StoredTensor::name).toList());
      assertEquals(List.of("a.weight"), after.quantizedNames());
      assertEquals("b.scales F32 [3]", after.tensor("b.scales").toString());
    }
  }

  /** The same twice is no doubt; two of one name, of which the index names one or none, are. */
  @Test
  void tensorsOfOneNameInTwoFiles() throws IOException {
    new TensorFiles().floats("b.weight", new float[]{1, 2}, 2).floats("c", new float[]{3}, 1)
        .write(folder.resolve(ONE));
    new TensorFiles().floats("d", new float[]{4}, 1).floats("b.weight", new float[]{1, 2}, 2)
        .write(folder.resolve(TWO));
    map("c", ONE, "d", TWO);
    try (WeightFile file = WeightFile.open(index)) {
      assertEquals(3, file.tensors().size());
    }
    new TensorFiles().floats("d", new float[]{4}, 1).floats("b.weight", new float[]{1, 3}, 2)
        .write(folder.resolve(TWO));
    refused("tensor b.weight of \"" + TWO + "\" is in another file of the index too, with other contents");
    map("b.weight", ONE, "d", TWO);
    refused("tensor b.weight of \"" + TWO + "\" is in another file of the index too");
  }

  /** Files with names of their own are none of the index's business. */
  @Test
  void filesNumberedAsThoseOfTheIndexBelongToIt() throws IOException {
    for (String[] names : new String[][]{{ONE, TWO}, {"1.safetensors", "2.safetensors"},
        {"model-00001-of-00002.fp16.safetensors", "model-00002-of-00002.fp16.safetensors"}}) {
      Files.move(folder.resolve(ONE), folder.resolve(names[0]));
      Files.move(folder.resolve(TWO), folder.resolve(names[1]));
      map("a.weight", names[0]);
      refused("weight_map names no tensor of " + names[1] + ", which is numbered as the files that it names");
      Files.move(folder.resolve(names[0]), folder.resolve(ONE));
      Files.move(folder.resolve(names[1]), folder.resolve(TWO));
    }
    for (String other : List.of("model.safetensors", "model-00001-of-00003.safetensors", "int8.safetensors",
        "model.fp16-00001-of-00002.safetensors")) {
      Files.move(folder.resolve(TWO), folder.resolve(other));
      map("a.weight", ONE);
      WeightFile.open(index).close();
      Files.move(folder.resolve(other), folder.resolve(TWO));
    }
  }

  /**
   * The cache of Hugging Face: a snapshot is a folder of links into a folder of blobs, the index one of them.
   */
  @Test
  void linksBesideALinkedIndex() throws IOException {
    Path blobs = Files.createDirectory(top.resolve("blobs"));
    Path snapshot = Files.createDirectories(top.resolve("snapshots").resolve("main"));
    for (String name : List.of(ONE, TWO, index.getFileName().toString())) {
      Path blob = blobs.resolve("sha-of-" + name);
      Files.move(folder.resolve(name), blob);
      Files.createSymbolicLink(snapshot.resolve(name), Path.of("..", "..", "blobs", "sha-of-" + name));
    }
    try (WeightFile file = WeightFile.open(snapshot)) {
      assertArrayEquals(numbers(1), file.tensor("b.weight").floats());
    }
    Files.delete(snapshot.resolve(TWO));
    Files.createSymbolicLink(snapshot.resolve(TWO), top.resolve("outside.safetensors"));
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> WeightFile.open(snapshot));
    assertTrue(e.getMessage().contains("is a link out of the folder"), e.getMessage());
  }

  @Test
  void indicesThatAreNone() throws IOException {
    map("b.weight", ONE);
    refused("tensor b.weight is not in \"" + ONE + "\", which has 1");
    map("a.weight", ONE, "a.weight", TWO);
    refused("tensor a.weight is there twice");
    Map<String, String> texts = Map.of("", "expected START_OBJECT", "[]", "expected START_OBJECT", "{}",
        "expected weight_map", "{\"weight_map\":[]}", "weight_map: expected START_OBJECT",
        "{\"weight_map\":{\"a\":1}}", "weight_map: a: expected VALUE_STRING",
        "{\"weight_map\":{},\"weight_map\":{}}", "weight_map is there twice", "{\"weight_map\":{}} {",
        "nothing but blanks", "{\"metadata\":7,\"weight_map\":{}}", "metadata: expected START_OBJECT",
        "{\"weight_map\":{\"a\":\"b\"", "no JSON", "{\"x\":[[[[[[1]]]]]],\"weight_map\":{}}", "no JSON");
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Files.writeString(index, text.getKey());
      refused(text.getValue());
    }
    Files.write(folder.resolve(TWO), new byte[]{1, 2, 3});
    map("a.weight", ONE, "b.weight", TWO);
    refused(TWO + ": safetensors: expected 8 bytes");
  }

  @Test
  void folders() throws IOException {
    Files.copy(index, folder.resolve("model.safetensors.index.fp16.json"));
    MalformedFileException several = assertThrows(MalformedFileException.class,
        () -> WeightFile.open(folder));
    assertTrue(
        several.getMessage().contains("expected one *.safetensors.index.json in the folder, got [model"),
        several.getMessage());
    try (WeightFile file = WeightFile.open(folder.resolve("model.safetensors.index.fp16.json"))) {
      assertEquals(2, file.tensors().size());
    }
    MalformedFileException none = assertThrows(MalformedFileException.class, () -> WeightFile.open(top));
    assertTrue(none.getMessage().contains("*.safetensors.index.json"), none.getMessage());
    MalformedFileException asked = assertThrows(MalformedFileException.class,
        () -> ShardedSafetensors.open(top));
    assertTrue(asked.getMessage().contains("got none"), asked.getMessage());
  }

  /** 100 MB and one byte, which take no room on the disk. */
  @Test
  void anIndexThatIsTooLarge() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(index.toFile(), "rw")) {
      file.setLength(JsonText.MAX_BYTES + 1);
    }
    refused("expected an index of at most 100000000 bytes, got 100000001");
  }
}

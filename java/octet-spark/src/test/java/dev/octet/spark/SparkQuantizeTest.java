package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import dev.octet.quantize.file.SchemeChoice;
import dev.octet.quantize.file.ShardedSafetensors;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.StoredType;
import dev.octet.quantize.file.WeightFile;
import dev.octet.quantize.file.WeightQuantizer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in files that executors quantize is the one that a machine quantizes. */
class SparkQuantizeTest {
  private static final long SEED = 3;
  private static final String INDEX = "model.safetensors.index.json";
  private static final Map<String, String> METADATA = Map.of("octet.scheme", "int8-weight-only");
  @TempDir
  Path folder;
  private Path model;
  private final List<String> shards = List.of("model-00001-of-00003.safetensors",
      "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors");

  @BeforeEach
  void makeModel() throws IOException {
    model = Files.createDirectory(folder.resolve("in"));
    Random random = new Random(SEED);
    write(0, random, "fc1.weight", Shape.of(24, 16), "fc1.bias", Shape.of(24));
    write(1, random, "fc2.weight", Shape.of(40, 24), "norm", Shape.of(5));
    write(2, random, "head.weight", Shape.of(8, 40), "experts.weight", Shape.of(3, 4, 6));
    ShardedSafetensors.writeIndex(model.resolve(INDEX), shards);
  }

  private void write(int shard, Random random, Object... tensors) {
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < tensors.length; i += 2) {
      slots.add(new Slot((String) tensors[i], StoredType.F32, (Shape) tensors[i + 1]));
    }
    try (
        SafetensorsWriter writer = new SafetensorsWriter(model.resolve(shards.get(shard)), slots, Map.of())) {
      for (Slot slot : slots) {
        float[] values = new float[(int) slot.shape().elements()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        writer.write(slot.name(), MemorySegment.ofArray(values));
      }
      writer.commit();
    }
  }

  private static QuantizationScheme scheme() {
    return QuantizationScheme.int8WeightOnly().exclude("head");
  }

  private static void quantizeAlone(Path in, Path out) {
    try (WeightFile file = WeightFile.open(in)) {
      WeightQuantizer.quantize(file, out, new SchemeChoice(scheme()), WeightQuantizer.Method.NEAREST,
          List.of(), METADATA, (tensor, done, total) -> {
          });
    }
  }

  @Test
  void filesHaveTheBytesOfOneMachine() throws IOException {
    Path out = folder.resolve("out");
    SparkSession spark = LocalSpark.session();
    assertEquals(Set.of("fc1.weight", "fc2.weight", "experts.weight"),
        SparkQuantize.quantize(spark, model, out, SparkQuantizeTest::scheme, METADATA));
    for (String shard : shards) {
      Path alone = folder.resolve("alone-" + shard);
      quantizeAlone(model.resolve(shard), alone);
      assertArrayEquals(Files.readAllBytes(alone), Files.readAllBytes(out.resolve(shard)),
          shard + ", seed " + SEED);
    }
    // and together they are the model that one machine makes of all of it
    Path whole = folder.resolve("whole.safetensors");
    quantizeAlone(model, whole);
    try (WeightFile expected = WeightFile.open(whole); WeightFile got = WeightFile.open(out)) {
      assertEquals(expected.tensors().size(), got.tensors().size());
      for (StoredTensor tensor : expected.tensors()) {
        assertEquals(tensor.toString(), got.tensor(tensor.name()).toString());
        assertEquals(-1, tensor.data().mismatch(got.tensor(tensor.name()).data()), tensor.name());
      }
      assertEquals(Set.copyOf(expected.quantizedNames()), Set.copyOf(got.quantizedNames()));
      for (String name : expected.quantizedNames()) {
        assertEquals(expected.quantized(name).quantization(), got.quantized(name).quantization(), name);
      }
    }
    // what is quantized is not quantized again
    assertTrue(assertThrows(IllegalArgumentException.class,
        () -> SparkQuantize.quantize(spark, out, folder.resolve("again"), SparkQuantizeTest::scheme,
            METADATA))
        .getMessage()
        .startsWith("model: expected weights that are not quantized, got "));
  }

  @Test
  void inputsStayAndWhatFailsIsNoModel() throws IOException {
    SparkSession spark = LocalSpark.session();
    IllegalArgumentException same = assertThrows(IllegalArgumentException.class,
        () -> SparkQuantize.quantize(spark, model, model, SparkQuantizeTest::scheme, METADATA));
    assertTrue(same.getMessage().startsWith("out: " + model.resolve(INDEX) + " is the input"),
        same.getMessage());
    Files.delete(model.resolve(shards.get(1)));
    try (SafetensorsWriter writer = new SafetensorsWriter(model.resolve(shards.get(1)),
        List.of(new Slot("fc2.weight", StoredType.F32, Shape.of(1, 2)),
            new Slot("norm", StoredType.F32, Shape.of(1))),
        Map.of())) {
      writer.write("fc2.weight", MemorySegment.ofArray(new float[]{1, Float.NaN}));
      writer.write("norm", MemorySegment.ofArray(new float[1]));
      writer.commit();
    }
    Path out = Files.createDirectory(folder.resolve("out"));
    Files.copy(model.resolve(INDEX), out.resolve(INDEX)); // of an earlier run
    IllegalArgumentException bad = assertThrows(IllegalArgumentException.class,
        () -> SparkQuantize.quantize(spark, model, out, SparkQuantizeTest::scheme, METADATA));
    assertTrue(bad.getMessage().startsWith("tensor fc2.weight: "), bad.getMessage());
    assertFalse(Files.exists(out.resolve(INDEX)));
    assertFalse(Files.exists(out.resolve(shards.get(1))));
  }
}

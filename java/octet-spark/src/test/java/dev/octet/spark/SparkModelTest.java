package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.langchain4j.Pooling;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import dev.octet.onnx.PreparedOnnx;
import dev.octet.onnx.value.Tensor;
import dev.octet.op.DynamicMatMul;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results of a cluster are those of one machine. */
class SparkModelTest {
  private static final long SEED = 43;
  private static final int IN = 24;
  private static final int OUT = 10;
  private static final StructType SCHEMA = new StructType().add("id", DataTypes.IntegerType)
      .add("a", DataTypes.createArrayType(DataTypes.FloatType))
      .add("b", DataTypes.createArrayType(DataTypes.FloatType));
  private static final List<float[]> A = rows(IN);
  private static final List<float[]> B = rows(OUT);

  /** {@code y = relu(a w) + b} and {@code z = a w}, over a batch, over one row, and over the whole batch. */
  private static Path batched;
  private static Path single;
  private static Path dynamic;

  private static List<float[]> rows(int length) {
    Random random = new Random(SEED + length);
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      rows.add(numbers(random, length));
    }
    return rows;
  }

  private static float[] numbers(Random random, int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  @BeforeAll
  static void write() throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "models")); // what was sent stays
    float[] weights = numbers(new Random(SEED), IN * OUT);
    batched = Files.write(folder.resolve("batched.onnx"), OnnxBytes.sum(weights, IN, OUT, "n", false));
    single = Files.write(folder.resolve("single.onnx"), OnnxBytes.sum(weights, IN, OUT, "", false));
    dynamic = Files.write(folder.resolve("dynamic.onnx"), OnnxBytes.sum(weights, IN, OUT, "n", true));
  }

  private static Dataset<Row> dataset(List<float[]> a, List<float[]> b) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      rows.add(RowFactory.create(i, a.get(i), b.get(i)));
    }
    return LocalSpark.session().createDataFrame(rows, SCHEMA);
  }

  /** Row by row on one machine: both outputs of each row. */
  private static List<float[][]> alone(Path file, OnnxOptions options) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel model = OnnxModel.open(file);
        PreparedOnnx prepared = model.prepare(octet, options)) {
      List<float[][]> results = new ArrayList<>();
      for (int i = 0; i < A.size(); i++) {
        Map<String, Tensor> out = prepared.run(Map.of("a", Tensor.floats(Shape.of(1, IN), A.get(i)), "b",
            Tensor.floats(Shape.of(1, OUT), B.get(i))));
        results.add(new float[][]{out.get("y").floats(), out.get("z").floats()});
      }
      return results;
    }
  }

  private static Map<Integer, float[]> column(Dataset<Row> rows, int column) {
    Map<Integer, float[]> result = new TreeMap<>();
    for (Row row : rows.collectAsList()) {
      List<Float> numbers = row.getList(column);
      float[] array = numbers == null ? null : new float[numbers.size()];
      for (int i = 0; array != null && i < array.length; i++) {
        array[i] = numbers.get(i);
      }
      result.put(row.getInt(0), array);
    }
    return result;
  }

  private static void requireAlone(SparkModel model, Path file, OnnxOptions options, int partitions) {
    SparkCounters counters = SparkCounters.register(LocalSpark.session());
    Dataset<Row> rows = model.transform(dataset(A, B).repartition(partitions), List.of("a", "b"),
        List.of("y", "z"), counters).cache();
    List<float[][]> expected = alone(file, options);
    for (int output = 0; output < 2; output++) {
      Map<Integer, float[]> got = column(rows, 3 + output);
      assertEquals(A.size(), got.size());
      for (int i = 0; i < A.size(); i++) {
        assertArrayEquals(expected.get(i)[output], got.get(i), file + ", " + partitions
            + " partitions, row " + i + ", output " + output + ", seed " + SEED);
      }
    }
    assertEquals(A.size(), counters.rows());
    assertEquals(0, counters.tokens());
    rows.unpersist();
  }

  @Test
  void resultsAreThoseOfOneMachineWhateverThePartitionsAndBatches() {
    OnnxOptions floats = OnnxOptions.defaults();
    SparkModel model = SparkModel.of(batched);
    requireAlone(model, batched, floats, 1);
    requireAlone(model.batchRows(7), batched, floats, 3);
    requireAlone(model.int8(), batched, floats.quantize(OnnxQuantization.int8Dynamic()), 2);
    requireAlone(model.int8().withoutWeightCache(), batched,
        floats.quantize(OnnxQuantization.int8Dynamic()), 2);
    requireAlone(model.engine(Engine.SCALAR).int8(), batched,
        floats.quantize(OnnxQuantization.int8Dynamic()), 1);
    requireAlone(SparkModel.of(single), single, floats, 2);
    requireAlone(SparkModel.of(single).batchRows(7), single, floats, 2);
    requireAlone(SparkModel.of(dynamic), dynamic, floats, 2); // a range for each row
  }

  /** Their products add up in an order that depends on the number of rows. */
  @Test
  void rowsOfModelsOfFourBitsAreThoseOfTheRowAlone(@TempDir Path folder) throws IOException {
    int in = 384;
    int out = 128;
    Random random = new Random(SEED);
    byte[] weights = new byte[in * out / 2];
    random.nextBytes(weights);
    Path file = Files.write(folder.resolve("blocks.onnx"),
        OnnxBytes.blocks(weights, numbers(random, in * out / OnnxBytes.BLOCK), in, out));
    List<float[]> a = rows(in);
    Dataset<Row> rows = dataset(a, B).coalesce(1);
    Map<Integer, float[]> got = column(SparkModel.of(file).withoutWeightCache().transform(rows, "a", "y"), 3);
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel model = OnnxModel.open(file);
        PreparedOnnx prepared = model.prepare(octet)) {
      for (int i = 0; i < a.size(); i++) {
        assertArrayEquals(
            prepared.run(Map.of("a", Tensor.floats(Shape.of(1, in), a.get(i)))).get("y").floats(), got.get(i),
            "row " + i + ", seed " + SEED);
      }
    }
  }

  @Test
  void filesAreSent() {
    SparkModel sent = SparkModel.of(batched).sendFile(LocalSpark.session());
    requireAlone(sent, batched, OnnxOptions.defaults(), 2);
    assertThrows(IllegalStateException.class, () -> sent.sendFile(LocalSpark.session()));
  }

  @Test
  void badRowsFailByNameOrBecomeNull() {
    List<float[]> a = new ArrayList<>(A);
    a.set(2, null);
    a.set(5, new float[IN - 1]);
    float[] infinite = A.get(9).clone();
    infinite[3] = Float.NaN;
    a.set(9, infinite);
    SparkModel model = SparkModel.of(batched).key("id");
    SparkCounters counters = SparkCounters.register(LocalSpark.session());
    Map<Integer, float[]> got = column(model.badRows(BadRows.NULL).transform(dataset(a, B), List.of("a", "b"),
        List.of("y", "z"), counters), 4);
    List<float[][]> expected = alone(batched, OnnxOptions.defaults());
    for (int i = 0; i < a.size(); i++) {
      assertArrayEquals(List.of(2, 5, 9).contains(i) ? null : expected.get(i)[1], got.get(i), "row " + i);
    }
    assertEquals(3, counters.badRows());
    for (Map.Entry<Integer, String> bad : Map.of(2, "null", 5, "23 numbers", 9, "NaN at 3").entrySet()) {
      int row = bad.getKey();
      assertEquals("row 0: column a: expected 24 finite numbers, got " + bad.getValue(),
          failure(model, a.subList(row, row + 1), List.of("a", "b"), List.of("y")));
    }
  }

  private static String failure(SparkModel model, List<float[]> a, List<String> in, List<String> out) {
    return assertThrows(IllegalArgumentException.class,
        () -> Jobs.run(model.transform(dataset(a, B).coalesce(1), in, out,
            SparkCounters.register(LocalSpark.session()))::collectAsList))
        .getMessage();
  }

  @Test
  void anotherModelAtThePathIsTheNextJobs(@TempDir Path folder) throws IOException {
    Path file = Files.copy(batched, folder.resolve("m.onnx"));
    SparkModel model = SparkModel.of(file);
    requireAlone(model, file, OnnxOptions.defaults(), 2);
    FileTime before = Files.getLastModifiedTime(file);
    Path other = Files.write(folder.resolve("other.onnx"),
        OnnxBytes.sum(numbers(new Random(SEED + 1), IN * OUT), IN, OUT, "n", false));
    Files.setLastModifiedTime(other, before);
    assertEquals(Files.size(file), Files.size(other));
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    requireAlone(model, file, OnnxOptions.defaults(), 2);
  }

  /** The file of the model stays. */
  @Test
  void otherDataBesideTheModelAreTheNextJobs(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("m.onnx"),
        OnnxBytes.withData(OnnxBytes.sum(new float[IN * OUT], IN, OUT, "n", false), "m.bin"));
    SparkModel model = SparkModel.of(file);
    for (int seed = 1; seed < 3; seed++) {
      Path data = Files.write(folder.resolve("data"),
          MemorySegment.ofArray(numbers(new Random(SEED + seed), IN * OUT)).toArray(ValueLayout.JAVA_BYTE));
      Files.setLastModifiedTime(data, FileTime.fromMillis(1000));
      Files.move(data, folder.resolve("m.bin"), StandardCopyOption.REPLACE_EXISTING);
      requireAlone(model, file, OnnxOptions.defaults(), 2);
    }
    EmbeddingSpec texts = new EmbeddingSpec(null, file.toString(), "tokenizer.json", Pooling.MEAN, false,
        false, ModelSettings.DEFAULTS);
    assertEquals(List.of(folder.resolve("m.bin")), texts.dataFiles());
  }

  @Test
  void columnsAndNumbersAreChecked() {
    SparkModel model = SparkModel.of(batched);
    assertEquals("column c: expected one of that name, got [id, a, b]",
        failure(model, A, List.of("c"), List.of("y")));
    assertEquals("column id: expected array<float>, got int", failure(model, A, List.of("id"), List.of("y")));
    assertEquals("column a: is there already", failure(model, A, List.of("a", "b"), List.of("a")));
    assertEquals("columns: expected one and more, got [a] and []",
        failure(model, A, List.of("a"), List.of()));
    assertEquals("input columns: expected 2, one for each input of the model, got 1",
        failure(model, A, List.of("a"), List.of("y")));
    String outputs = failure(model, A, List.of("a", "b"), List.of("y", "z", "more"));
    assertTrue(outputs.startsWith("output columns: expected at most as many as the model has"), outputs);
    assertThrows(IllegalArgumentException.class, () -> model.batchRows(0));
    SparkModel ops = SparkModel.of(octet -> row -> row);
    assertThrows(IllegalStateException.class, ops::int8);
    assertEquals("output columns: expected one, got 2", failure(ops, A, List.of("a"), List.of("y", "z")));
  }

  private static final AtomicInteger OPENED = new AtomicInteger();

  /** A product whose weights are made on the executor. */
  private static OpFactory.RowFunction product(Octet octet) {
    OPENED.incrementAndGet();
    MemorySegment weights = MemorySegment.ofArray(numbers(new Random(SEED), IN * OUT));
    DynamicMatMul op = octet.dynamicMatMul().weights(
        Quantizer.symmetric(DataType.S8).with(Quantization.perTensor(0.04f))
            .quantize(weights, Shape.of(IN, OUT)),
        WeightLayout.IN_OUT).prepare();
    return row -> {
      float[] result = new float[OUT];
      op.run(MemorySegment.ofArray(row), MemorySegment.ofArray(result), 1);
      return result;
    };
  }

  @Test
  void opsArePreparedOnceForEachJvm() {
    SparkModel model = SparkModel.of(SparkModelTest::product);
    OPENED.set(0);
    Map<Integer, float[]> got = column(model.transform(dataset(A, B).repartition(4), "a", "y"), 3);
    assertEquals(1, OPENED.get());
    try (Octet octet = Octet.builder().threads(1).open()) {
      OpFactory.RowFunction function = product(octet);
      for (int i = 0; i < A.size(); i++) {
        assertArrayEquals(function.apply(A.get(i)), got.get(i), "row " + i + ", seed " + SEED);
      }
    }
    float[] any = Arrays.copyOf(A.getFirst(), 3);
    assertArrayEquals(any, column(SparkModel.of(octet -> row -> row).engine(Engine.SCALAR)
        .transform(dataset(List.of(any), B), "a", "y"), 3).get(0));
  }
}

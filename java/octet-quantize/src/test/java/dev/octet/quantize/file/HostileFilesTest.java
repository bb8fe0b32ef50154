package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated files: each is read to the last number or refused with the exception for it; nothing else is
 * thrown, no file takes long, and no file makes the reader allocate more than a small multiple of its size.
 */
class HostileFilesTest {
  private static final int FILES = 60_000;
  /** Each opens files. */
  private static final int INDICES = 20_000;
  /** Reading everything takes some 40 bytes for each of the small file; Jackson's buffers are in the rest. */
  private static final long BYTES_PER_BYTE = 100;
  private static final long BYTES_APART = 300_000;
  private static final long NANOS = 2_000_000_000L;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir
  Path folder;

  @Test
  void safetensors() throws IOException {
    mutate(FILES, List.of(plain(), quantized(DataType.S4, true), quantized(DataType.U4, false)),
        SafetensorsFile::of);
  }

  /**
   * An index of two files; the one outside of their folder, which no mutation may reach, has tensors of the
   * same.
   */
  @Test
  void shardedSafetensors() throws IOException {
    Path model = Files.createDirectory(folder.resolve("m"));
    Files.write(model.resolve("1.safetensors"), plain());
    Files.write(model.resolve("2.safetensors"), quantized(DataType.S4, true));
    Files.write(folder.resolve("3.safetensors"), plain());
    Path root = model.toRealPath();
    String index = """
        {"metadata": {"total_size": 1234, "note": "%s"}, "weight_map": {"layer.F32": "1.safetensors",
        "layer.I8": "1.safetensors", "layer.I8_scale": "1.safetensors", "w": "2.safetensors",
        "w_scale": "2.safetensors"}}
        """.formatted("text ".repeat(60));
    String more = "{\"weight_map\":{\"w\":\"2.safetensors\",\"w_scale\":\"2.safetensors\"},\"x\":[1,{}]}";
    mutate(INDICES,
        List.of(index.getBytes(StandardCharsets.UTF_8), more.getBytes(StandardCharsets.UTF_8)),
        text -> ShardedSafetensors.of(text.toArray(ValueLayout.JAVA_BYTE), null, root, root));
  }

  @Test
  void onnx() {
    mutate(FILES, List.of(qdq(), typed(), constants()), OnnxFile::of);
  }

  private void mutate(int files, List<byte[]> seeds, Function<MemorySegment, WeightFile> open) {
    long seed = Long.getLong("octet.test.seed", 20251126);
    System.out.println("octet.test.seed=" + seed);
    int accepted = 0;
    for (byte[] file : seeds) {
      use(open.apply(MemorySegment.ofArray(file)));
    }
    for (int i = 0; i < files; i++) {
      SplittableRandom random = new SplittableRandom(seed * 31 + i);
      byte[] file = mutated(seeds.get(random.nextInt(seeds.size())), random);
      String which = "seed " + seed + ", file " + i;
      long allocated = THREADS.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      try (WeightFile opened = open.apply(MemorySegment.ofArray(file))) {
        use(opened);
        accepted++;
      } catch (MalformedFileException refused) {
        // as it should be
      } catch (RuntimeException | Error e) {
        fail(which + ": " + e, e);
      }
      long bytes = THREADS.getCurrentThreadAllocatedBytes() - allocated;
      long nanos = System.nanoTime() - start;
      assertTrue(bytes <= BYTES_PER_BYTE * file.length + BYTES_APART,
          which + ": " + file.length + " bytes made the reader allocate " + bytes);
      assertTrue(nanos < NANOS, which + ": took " + nanos / 1_000_000 + " ms");
    }
    // Mutations of numbers are still files; were all refused, nothing behind the first check was tried.
    assertTrue(accepted > files / 50 && accepted < files, accepted + " of " + files + " were read");
  }

  /** Everything that a caller can read. */
  private static void use(WeightFile file) {
    for (StoredTensor tensor : file.tensors()) {
      if (tensor.type().isReadable()) {
        tensor.floats();
      }
      file.outputAxis(tensor.name());
      file.isParameter(tensor.name());
    }
    for (String name : file.quantizedNames()) {
      try {
        QTensor tensor = file.quantized(name);
        if (tensor.shape().elements() > 0) {
          tensor.real(0);
          tensor.real(tensor.shape().elements() - 1);
        }
      } catch (MalformedFileException refused) {
        // this one; others can be read
      }
    }
  }

  private static byte[] mutated(byte[] file, RandomGenerator random) {
    byte[] result = file.clone();
    for (int times = 1 + random.nextInt(4); times > 0; times--) {
      if (result.length == 0) {
        return result;
      }
      int at = random.nextInt(random.nextBoolean() ? result.length : Math.min(result.length, 700));
      switch (random.nextInt(8)) {
        case 0 -> result[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> result[at] = (byte) random.nextInt();
        case 2 -> result = Arrays.copyOf(result, at);
        case 3 -> result = splice(result, at, 0, new byte[1 + random.nextInt(16)]);
        case 4 ->
          result = splice(result, at, Math.min(1 + random.nextInt(16), result.length - at), new byte[0]);
        case 5 -> result = digits(result, at, random);
        case 6 -> {
          for (int i = 0; i < 8 && i < result.length; i++) {
            result[i] = random.nextInt(3) == 0 ? (byte) random.nextInt() : result[i];
          }
        }
        default -> {
          int from = random.nextInt(result.length);
          int count = Math.min(random.nextInt(64), result.length - Math.max(at, from));
          System.arraycopy(result, from, result, at, count);
        }
      }
    }
    return result;
  }

  /** Another number in the place of the next one in the text. */
  private static byte[] digits(byte[] file, int from, RandomGenerator random) {
    int at = from;
    while (at < file.length && (file[at] < '0' || file[at] > '9')) {
      at++;
    }
    int end = at;
    while (end < file.length && file[end] >= '0' && file[end] <= '9') {
      end++;
    }
    String[] numbers = {"0", "1", "-1", "4", "8", "255", "65536", "2147483647", "2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "1e3", "1.5", "99999999999999999999999", "null", "[]"};
    return splice(file, at, end - at,
        numbers[random.nextInt(numbers.length)].getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] splice(byte[] file, int at, int removed, byte[] inserted) {
    byte[] result = new byte[file.length - removed + inserted.length];
    System.arraycopy(file, 0, result, 0, at);
    System.arraycopy(inserted, 0, result, at, inserted.length);
    System.arraycopy(file, at + removed, result, at + inserted.length, file.length - at - removed);
    return result;
  }

  private byte[] plain() throws IOException {
    List<Slot> slots = new ArrayList<>();
    for (StoredType type : List.of(StoredType.F32, StoredType.BF16, StoredType.F16, StoredType.I8,
        StoredType.I64)) {
      slots.add(new Slot("layer." + type, type, Shape.of(4, 6)));
    }
    slots.add(new Slot("layer.I8_scale", StoredType.F32, Shape.of(4, 1)));
    slots.add(new Slot("layer.I8_zero_point", StoredType.I8, Shape.of(4, 1)));
    return written(slots, Map.of("format", "pt"));
  }

  private byte[] written(List<Slot> slots, Map<String, String> metadata) throws IOException {
    Path path = folder.resolve("seed.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(path, slots, metadata)) {
      for (Slot slot : slots) {
        byte[] bytes = new byte[(int) slot.type().bytes(slot.shape())];
        Arrays.fill(bytes, (byte) 0x3f);
        writer.write(slot.name(), MemorySegment.ofArray(bytes));
      }
      writer.commit();
    }
    return Files.readAllBytes(path);
  }

  private byte[] quantized(DataType type, boolean symmetric) throws IOException {
    Path in = folder.resolve("floats.safetensors");
    Files.write(in, written(List.of(new Slot("w", StoredType.F32, Shape.of(4, 64))), Map.of()));
    Path out = folder.resolve("quantized.safetensors");
    try (WeightFile file = WeightFile.open(in)) {
      WeightQuantizer.quantize(file, out,
          (tensor, axis) -> Optional.of(new WeightForm(type, symmetric, Granularity.PER_GROUP, 1, 32)),
          WeightQuantizer.Method.NEAREST, List.of(), Map.of(), (name, done, total) -> {
          });
    }
    return Files.readAllBytes(out);
  }

  private static byte[] qdq() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInitializer(OnnxFileTest.bytes("w", TensorProto.DataType.INT8_VALUE, new byte[24], 4, 6));
    graph.addInitializer(OnnxFileTest.floats("s", new float[]{1, 2, 3, 4, 5, 6}, 6));
    graph.addInitializer(OnnxFileTest.bytes("z", TensorProto.DataType.INT8_VALUE, new byte[6], 6));
    graph.addNode(OnnxFileTest.node("DequantizeLinear", List.of("w", "s", "z"), "f").addAttribute(
        AttributeProto.newBuilder().setName("axis").setType(AttributeProto.AttributeType.INT).setI(1)));
    graph.addInitializer(OnnxFileTest.floats("f32", new float[12], 3, 4));
    graph.addInitializer(OnnxFileTest.floats("l.bias", new float[4], 4));
    graph.addNode(OnnxFileTest.node("MatMul", List.of("x", "f32"), "p"));
    graph.addNode(OnnxFileTest.node("Add", List.of("p", "l.bias"), "y"));
    return OnnxFileTest.model(graph).build().toByteArray();
  }

  private static byte[] typed() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInitializer(OnnxFileTest.tensor("a", TensorProto.DataType.FLOAT_VALUE, 3)
        .addAllFloatData(List.of(1f, 2f, 3f)));
    graph.addInitializer(OnnxFileTest.tensor("b", TensorProto.DataType.INT8_VALUE, 2, 3)
        .addAllInt32Data(List.of(1, -2, 3, -4, 5, -6)));
    graph.addInitializer(OnnxFileTest.tensor("c", TensorProto.DataType.INT64_VALUE, 2)
        .addAllInt64Data(List.of(-1L, 1L << 50)));
    graph.addInitializer(OnnxFileTest.tensor("s", TensorProto.DataType.FLOAT_VALUE, 1).addFloatData(0.5f));
    graph.addNode(OnnxFileTest.node("QLinearMatMul", List.of("x", "s", "", "b", "s", "", "s", ""), "y"));
    graph.addNode(OnnxFileTest.node("Constant", List.of(), "k").addAttribute(
        AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR)
            .setT(OnnxFileTest.tensor("", TensorProto.DataType.DOUBLE_VALUE, 1).addDoubleData(3))));
    return OnnxFileTest.model(graph).build().toByteArray();
  }

  private static byte[] constants() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addSparseInitializer(SparseTensorProto.newBuilder().addDims(4).addDims(5)
        .setValues(OnnxFileTest.floats("sparse", new float[]{1, 2}, 2)).setIndices(
            OnnxFileTest.tensor("", TensorProto.DataType.INT64_VALUE, 2).addInt64Data(3).addInt64Data(9)));
    graph.addInitializer(OnnxFileTest.floats("w", new float[24], 8, 3));
    graph.addNode(OnnxFileTest.node("Constant", List.of(), "axes")
        .addAttribute(AttributeProto.newBuilder().setName("value_ints").addInts(0)));
    graph.addNode(OnnxFileTest.node("Constant", List.of(), "texts").addAttribute(
        AttributeProto.newBuilder().setName("value_strings").addStrings(ByteString.copyFromUtf8("text"))));
    graph.addNode(OnnxFileTest.node("Constant", List.of(), "numbers")
        .addAttribute(AttributeProto.newBuilder().setName("value_floats").addFloats(1).addFloats(2)));
    graph.addNode(OnnxFileTest.node("Slice", List.of("w", "from", "to"), "part"));
    graph.addNode(OnnxFileTest.node("Concat", List.of("part", "w"), "whole"));
    graph.addNode(OnnxFileTest.node("Unsqueeze", List.of("whole", "axes"), "stack"));
    graph.addNode(OnnxFileTest.node("LSTM", List.of("x", "stack"), "y"));
    graph.addNode(OnnxFileTest.node("MatMul", List.of("y", "sparse"), "z"));
    return OnnxFileTest.model(graph).build().toByteArray();
  }
}

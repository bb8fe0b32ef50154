package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.mapped.Mapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that another process writes to while they are mapped: an error that names them, whatever came of it.
 */
class ChangedFileTest {
  /** Of more than one page. */
  private static final long ROWS = 64;
  private static final long FEATURES = 256;
  private static final WeightForm INT8 = new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, 0, 0);

  @TempDir
  Path folder;

  /** What another process may do to a file. */
  private enum Change {
    /** No page is left: reading one is an InternalError, writing one an IOException. */
    EMPTIED {
      @Override
      void make(FileChannel file) throws IOException {
        file.truncate(0);
      }
    },
    /** The rest of the last page reads as zeros, without any error. */
    SHORTENED {
      @Override
      void make(FileChannel file) throws IOException {
        file.truncate(file.size() - 1);
      }
    },
    /** The length stays. */
    OVERWRITTEN {
      @Override
      void make(FileChannel file) throws IOException {
        file.write(ByteBuffer.wrap(new byte[]{42}), file.size() - 1);
      }
    };

    abstract void make(FileChannel file) throws IOException;
  }

  /** A model and the one of its files that changes. */
  private record Input(Path path, Path changing) {
    void change(Change change) {
      try (FileChannel file = FileChannel.open(changing, StandardOpenOption.WRITE)) {
        change.make(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Input input(String kind) throws IOException {
    Path in = Files.createTempDirectory(folder, "in");
    TensorFiles tensors = new TensorFiles().with("a.weight", StoredType.F32, ROWS, FEATURES);
    Path changing;
    Path path;
    switch (kind) {
      case "safetensors" -> path = changing = tensors.write(in.resolve("model.safetensors"));
      case "F16" -> path = changing = new TensorFiles().with("a.weight", StoredType.F16, ROWS, FEATURES)
          .write(in.resolve("model.safetensors"));
      case "sharded safetensors" -> {
        changing = tensors.write(in.resolve("part.safetensors"));
        path = Files.writeString(in.resolve("model.safetensors.index.json"),
            "{\"weight_map\": {\"a.weight\": \"part.safetensors\"}}");
      }
      case "ModelSlim" -> {
        changing = tensors.write(in.resolve("quant_model_weight.safetensors"));
        path = Files.writeString(in.resolve("quant_model_description.json"), "{\"a.weight\": \"FLOAT\"}");
      }
      default -> {
        changing = Files.write(in.resolve("w.bin"), new byte[(int) (4 * ROWS * FEATURES)]);
        TensorProto.Builder tensor = TensorProto.newBuilder().setName("a.weight").addDims(ROWS)
            .addDims(FEATURES).setDataType(TensorProto.DataType.FLOAT_VALUE)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue("w.bin"));
        NodeProto.Builder product = NodeProto.newBuilder().setOpType("MatMul").addInput("x")
            .addInput("a.weight").addOutput("y");
        path = Files.write(in.resolve("model.onnx"), ModelProto.newBuilder()
            .setGraph(GraphProto.newBuilder().addInitializer(tensor).addNode(product)).build()
            .toByteArray());
      }
    }
    // before this test by more than any file system's clock step
    Files.setLastModifiedTime(changing, FileTime.fromMillis(1_600_000_000_000L));
    return new Input(path, changing.toRealPath());
  }

  @TestFactory
  Stream<DynamicTest> ofEveryFormat() {
    return Stream.of("safetensors", "F16", "sharded safetensors", "ModelSlim", "ONNX with external data")
        .flatMap(kind -> Stream.of(Change.values())
            .map(change -> DynamicTest.dynamicTest(kind + ", " + change, () -> {
              copying(input(kind), change);
              quantizing(input(kind), change);
              comparing(input(kind), change);
            })));
  }

  private void copying(Input input, Change change) throws IOException {
    quantize(input, change, false);
  }

  private void quantizing(Input input, Change change) throws IOException {
    quantize(input, change, true);
  }

  private void quantize(Input input, Change change, boolean chosen) throws IOException {
    Path out = Files.createTempDirectory(folder, "out").resolve("out.safetensors");
    try (WeightFile file = WeightFile.open(input.path)) {
      WeightQuantizer.Choice choice = (tensor, axes) -> {
        input.change(change);
        return chosen ? Optional.of(INT8) : Optional.empty();
      };
      named(input, assertThrows(UncheckedIOException.class, () -> WeightQuantizer.quantize(file, out, choice,
          WeightQuantizer.Method.NEAREST, List.of(), Map.of(), (name, done, total) -> {
          })));
    }
    try (Stream<Path> files = Files.list(out.getParent())) {
      assertEquals(List.of(), files.toList(), "nothing is written");
    }
  }

  private static void comparing(Input input, Change change) {
    try (WeightFile file = WeightFile.open(input.path); WeightFile other = WeightFile.open(input.path)) {
      input.change(change);
      named(input, assertThrows(UncheckedIOException.class,
          () -> FileComparison.of(file, other, (name, done, total) -> {
          })));
    }
  }

  private static void named(Input input, UncheckedIOException e) {
    assertTrue(e.getMessage().contains(input.changing + " changed while it was read"), e.getMessage());
  }

  @Test
  void recordedInputs() throws IOException {
    for (Change change : Change.values()) {
      Path path = new TensorFiles().with("a.input", StoredType.F32, ROWS, FEATURES)
          .write(folder.resolve(change + ".safetensors"));
      Files.setLastModifiedTime(path, FileTime.fromMillis(1_600_000_000_000L));
      Input input = new Input(path, path);
      try (RecordedInputs recorded = RecordedInputs.open(path)) {
        input.change(change);
        named(input, assertThrows(UncheckedIOException.class,
            () -> recorded.observe("a", CalibrationMethod.minMax())));
        named(input, assertThrows(UncheckedIOException.class,
            () -> recorded.moments("a", (int) FEATURES, false)));
      }
    }
  }

  @Test
  void scalesOfAQuantizedTensor() throws IOException {
    Path path = new TensorFiles().with("a.weight", StoredType.I8, ROWS, FEATURES)
        .floats("a.weight_scale", new float[]{0.5f}).write(folder.resolve("int8.safetensors"));
    try (WeightFile file = WeightFile.open(path)) {
      assertEquals(List.of("a.weight"), file.quantizedNames());
      Input input = new Input(path, path);
      input.change(Change.EMPTIED);
      named(input, assertThrows(UncheckedIOException.class, () -> file.quantized("a.weight")));
    }
  }

  @Test
  void numbersOfATensorNameIt() throws IOException {
    for (StoredType type : List.of(StoredType.F32, StoredType.BF16, StoredType.I32)) {
      Path path = new TensorFiles().with("a", type, ROWS, FEATURES)
          .write(folder.resolve(type + ".safetensors"));
      try (WeightFile file = WeightFile.open(path)) {
        StoredTensor tensor = file.tensor("a");
        new Input(path, path).change(Change.EMPTIED);
        UncheckedIOException e = assertThrows(UncheckedIOException.class, tensor::floats);
        assertTrue(e.getMessage().contains("tensor a: its file can no longer be read"), e.getMessage());
        if (type == StoredType.I32) {
          assertThrows(UncheckedIOException.class, () -> tensor.integer(3));
        }
        assertThrows(UncheckedIOException.class, file::requireUnchanged);
      }
    }
  }

  /** Compiled code gets the JVM's error behind the access: once in CI, 37 of 40 times in a loop like this. */
  @Test
  void compiledReadsNameItToo() throws IOException {
    float[] out = new float[(int) (ROWS * FEATURES)];
    for (int round = 0; round < 10; round++) {
      Path path = new TensorFiles().with("a", StoredType.F32, ROWS, FEATURES)
          .with("b", StoredType.I32, ROWS, FEATURES)
          .write(folder.resolve("compiled" + round + ".safetensors"));
      try (WeightFile file = WeightFile.open(path)) {
        StoredTensor floats = file.tensor("a");
        StoredTensor integers = file.tensor("b");
        for (int i = 0; i < 3_000; i++) {
          floats.floats(0, out, 0, out.length);
          integers.integer(i);
          copyAll(file, floats, out);
        }
        new Input(path, path).change(Change.EMPTIED);
        assertThrows(UncheckedIOException.class, () -> floats.floats(0, out, 0, out.length));
        assertThrows(UncheckedIOException.class, () -> integers.integer(5));
        assertThrows(UncheckedIOException.class, integers::ints);
        named(new Input(path, path), assertThrows(UncheckedIOException.class,
            () -> copyAll(file, floats, out)));
      }
    }
  }

  private static float copyAll(WeightFile file, StoredTensor tensor, float[] out) {
    return Mapping.reading(file::requireUnchanged, () -> {
      MemorySegment.copy(tensor.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, out, 0, out.length);
      return out[0];
    });
  }

  /** As editors and {@link OutputFile} replace files: what is mapped stays what it was. */
  @Test
  void aFileThatWasReplacedOrRemovedIsStillRead() throws IOException {
    Path path = new TensorFiles().with("a", StoredType.F32, ROWS, FEATURES)
        .write(folder.resolve("old.safetensors"));
    try (WeightFile file = WeightFile.open(path)) {
      float[] before = file.tensor("a").floats();
      Files.move(Files.write(folder.resolve("new"), new byte[3]), path, StandardCopyOption.REPLACE_EXISTING);
      file.requireUnchanged();
      Files.delete(path);
      file.requireUnchanged();
      assertEquals(before[9], file.tensor("a").floats()[9]);
    }
  }
}

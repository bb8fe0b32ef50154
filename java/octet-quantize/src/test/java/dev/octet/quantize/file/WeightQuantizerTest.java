package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the file is what the quantizer makes of the tensor as a whole, whatever the slabs. */
class WeightQuantizerTest {
  private static final List<WeightForm> FORMS = List.of(
      new WeightForm(DataType.S8, true, Granularity.PER_TENSOR, -1, 0),
      new WeightForm(DataType.U8, false, Granularity.PER_TENSOR, -1, 0),
      new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, 0, 0),
      new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, 1, 0),
      new WeightForm(DataType.S8, false, Granularity.PER_CHANNEL, 0, 0),
      new WeightForm(DataType.S4, true, Granularity.PER_CHANNEL, 0, 0),
      new WeightForm(DataType.S4, true, Granularity.PER_GROUP, 1, 32),
      new WeightForm(DataType.U4, false, Granularity.PER_GROUP, 1, 32),
      new WeightForm(DataType.S4, true, Granularity.PER_GROUP, 0, 32),
      new WeightForm(DataType.U4, false, Granularity.PER_GROUP, 0, 64));
  /** The last has several slabs with every granularity that has any, and an odd row. */
  private static final List<Shape> SHAPES = List.of(Shape.of(1, 1), Shape.of(5, 7), Shape.of(64, 96),
      Shape.of(3, 33), Shape.of(1025, 1503));

  @TempDir
  Path folder;

  @Test
  void slabsGiveWhatTheWholeGives() {
    Random random = new Random(5);
    for (Shape shape : SHAPES) {
      float[] values = new float[(int) shape.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      Path in = folder.resolve("in.safetensors");
      write(in, Map.of("w", values), shape);
      for (WeightForm form : FORMS) {
        Path out = folder.resolve("out.safetensors");
        List<Long> done = new ArrayList<>();
        try (WeightFile file = WeightFile.open(in)) {
          WeightQuantizer.quantize(file, out, (tensor, axis) -> Optional.of(form),
              WeightQuantizer.Method.NEAREST, List.of(), Map.of("by", "test"), (name, at, total) -> {
                done.add(at);
                assertEquals(4L * values.length, total);
              });
        }
        assertEquals(4L * values.length, done.getLast());
        QTensor expected = form.quantizer().quantize(values, shape);
        try (WeightFile file = WeightFile.open(out)) {
          assertEquals(List.of("w"), file.quantizedNames());
          assertSame(expected, file.quantized("w"), form + " " + shape);
          assertTrue(file.isParameter("w_scale"));
          assertFalse(file.isParameter("w"));
          assertEquals("test", file.metadata().get("by"));
          assertEquals(!form.symmetric(),
              file.tensors().stream().anyMatch(t -> t.name().equals("w_zero_point")));
          for (int a = 0; a < shape.rank(); a++) {
            long dim = file.tensor("w_scale").shape().dim(a);
            assertTrue(dim == 1 || dim == shape.dim(a) || form.groupSize() > 0, "broadcasts");
          }
        }
      }
    }
  }

  private static void assertSame(QTensor expected, QTensor got, String what) {
    assertEquals(expected.toString(), got.toString(), what);
    assertArrayEquals(expected.quantization().scales(), got.quantization().scales(), what);
    assertArrayEquals(expected.quantization().zeroPoints(), got.quantization().zeroPoints(), what);
    assertEquals(-1, expected.data().mismatch(got.data()), what);
  }

  private static void write(Path path, Map<String, float[]> tensors, Shape shape) {
    try (SafetensorsWriter writer = new SafetensorsWriter(path,
        tensors.keySet().stream().map(name -> new Slot(name, StoredType.F32, shape)).toList(), Map.of())) {
      tensors.forEach((name, values) -> {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        writer.write(name, MemorySegment.ofArray(bytes.array()));
      });
      writer.commit();
    }
  }

  /** Halves are widened before they are quantized; what is not chosen is copied; twice changes nothing. */
  @Test
  void halvesCopiesAndWhatIsQuantizedAlready() {
    Path in = folder.resolve("in.safetensors");
    short[] halves = new short[64];
    float[] widened = new float[64];
    short[] brains = new short[64];
    float[] widenedBrains = new float[64];
    for (int i = 0; i < 64; i++) {
      halves[i] = Float.floatToFloat16(i * 0.37f - 9);
      widened[i] = Float.float16ToFloat(halves[i]);
      brains[i] = (short) (Float.floatToIntBits(i * 0.41f - 11) >>> 16);
      widenedBrains[i] = Float.intBitsToFloat(brains[i] << 16);
    }
    try (SafetensorsWriter writer = new SafetensorsWriter(in,
        List.of(new Slot("h", StoredType.F16, Shape.of(8, 8)), new Slot("b", StoredType.BF16, Shape.of(8, 8)),
            new Slot("ids", StoredType.I64, Shape.of(2)), new Slot("norm", StoredType.F32, Shape.of(3))),
        Map.of())) {
      writer.write("h", little(halves));
      writer.write("b", little(brains));
      writer.write("ids", MemorySegment.ofArray(new byte[]{1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7}));
      writer.write("norm", MemorySegment.ofArray(new byte[12]));
      writer.commit();
    }
    WeightForm form = FORMS.get(2);
    Path out = folder.resolve("out.safetensors");
    Path again = folder.resolve("again.safetensors");
    quantize(in, out, form);
    quantize(out, again, form);
    for (Path path : List.of(out, again)) {
      try (WeightFile file = WeightFile.open(path); WeightFile before = WeightFile.open(in)) {
        assertSame(form.quantizer().quantize(widened, Shape.of(8, 8)), file.quantized("h"), "h");
        assertSame(form.quantizer().quantize(widenedBrains, Shape.of(8, 8)), file.quantized("b"), "b");
        assertEquals(StoredType.I64, file.tensor("ids").type());
        assertEquals(-1, file.tensor("ids").data().mismatch(before.tensor("ids").data()));
        assertEquals(StoredType.F32, file.tensor("norm").type());
      }
    }
  }

  private static void quantize(Path in, Path out, WeightForm form) {
    try (WeightFile file = WeightFile.open(in)) {
      WeightQuantizer.quantize(file, out,
          (tensor, axis) -> tensor.shape().rank() == 2 ? Optional.of(form) : Optional.empty(),
          WeightQuantizer.Method.NEAREST, List.of(), Map.of(), (name, done, total) -> {
          });
    }
  }

  private static MemorySegment little(short[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(values);
    return MemorySegment.ofArray(bytes.array());
  }

  @Test
  void notANumberIsNamedAndLeavesNoFile() throws IOException {
    Path in = folder.resolve("in.safetensors");
    float[] values = new float[1100 * 1000];
    values[1_050_001] = Float.NaN;
    write(in, Map.of("layer.weight", values), Shape.of(1100, 1000));
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> quantize(in, folder.resolve("out.safetensors"), FORMS.get(2)));
    assertTrue(e.getMessage().startsWith("tensor layer.weight, from element 1048000: values[2, 1]: "),
        e.getMessage());
    assertTrue(e.getMessage().endsWith("got NaN; leave the layer as it is, --exclude layer"), e.getMessage());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  /** Scales tell the granularity of 8-bit tensors of other writers; packed 4-bit ones need the metadata. */
  @Test
  void otherWritersFiles() {
    Path path = folder.resolve("other.safetensors");
    Map<String, long[]> scales = new LinkedHashMap<>();
    scales.put("t", new long[]{1});
    scales.put("s", new long[]{});
    scales.put("c", new long[]{4, 1});
    scales.put("v", new long[]{4});
    scales.put("g", new long[]{4, 2});
    scales.put("bad", new long[]{3, 2});
    List<Slot> slots = new ArrayList<>();
    scales.forEach((name, dims) -> {
      slots.add(new Slot(name, StoredType.I8, Shape.of(4, 6)));
      slots.add(new Slot(name + "_scale", StoredType.F32, Shape.of(dims)));
    });
    try (SafetensorsWriter writer = new SafetensorsWriter(path, slots, Map.of())) {
      for (Slot slot : slots) {
        byte[] bytes = new byte[(int) slot.type().bytes(slot.shape())];
        for (int i = 0; slot.type() == StoredType.F32 && i < bytes.length / 4; i++) {
          ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(4 * i, i + 1);
        }
        writer.write(slot.name(), MemorySegment.ofArray(bytes));
      }
      writer.commit();
    }
    try (WeightFile file = WeightFile.open(path)) {
      assertEquals(Granularity.PER_TENSOR, file.quantized("t").quantization().granularity());
      assertEquals(Granularity.PER_TENSOR, file.quantized("s").quantization().granularity());
      assertEquals(0, file.quantized("c").quantization().axis());
      assertEquals(0, file.quantized("v").quantization().axis());
      assertEquals(3, file.quantized("g").quantization().groupSize());
      MalformedFileException e = assertThrows(MalformedFileException.class, () -> file.quantized("bad"));
      assertTrue(e.getMessage().contains("tensor bad") && e.getMessage().contains("broadcast"),
          e.getMessage());
    }
  }

  /** 384 MB of F32 through a heap of 64 MB: 2 GB through 341 MB, in proportion. */
  @Test
  void streamsWithASmallHeap() throws IOException {
    Path in = folder.resolve("big.safetensors");
    sparse(in, 12, 2048, 4096);
    Path out = folder.resolve("small.safetensors");
    ChildJvm.Result result = ChildJvm.of(Stream384.class, List.of("-Xmx64m"),
        List.of(WeightQuantizer.class, DataType.class, com.fasterxml.jackson.core.JsonFactory.class,
            com.fasterxml.jackson.databind.ObjectMapper.class,
            com.fasterxml.jackson.annotation.JsonProperty.class),
        in.toString(), out.toString()).run();
    assertEquals(0, result.exit(), result.output());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(12, file.quantizedNames().size());
      assertEquals(1 / 127f, file.quantized("layer.3.weight").quantization().scale(2047),
          "the one that is not 0");
      assertEquals(127, file.quantized("layer.3.weight").get(2048L * 4096 - 1));
    }
  }

  /** A file of zeros that takes no room on the disk, but for a 1 at the end of each tensor. */
  private static void sparse(Path path, int tensors, int rows, int columns) throws IOException {
    Map<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();
    long size = 4L * rows * columns;
    for (int i = 0; i < tensors; i++) {
      entries.put("layer." + i + ".weight",
          new SafetensorsHeader.Entry(StoredType.F32, Shape.of(rows, columns), i * size, (i + 1) * size));
    }
    byte[] header = new SafetensorsHeader(entries, Map.of()).toBytes();
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
      file.write(header);
      for (int i = 1; i <= tensors; i++) {
        file.seek(8 + header.length + i * size - 4);
        file.write(new byte[]{0, 0, (byte) 0x80, 0x3f});
      }
    }
  }

  /** The child. */
  static final class Stream384 {
    private Stream384() {}

    /** In, out. */
    public static void main(String[] args) {
      quantize(Path.of(args[0]), Path.of(args[1]), FORMS.get(2));
    }
  }

  /** A JVM that is told to end, as by Ctrl-C, takes its half file with it. */
  @Test
  void anEndedProcessLeavesNoFile() throws Exception {
    Path in = folder.resolve("big.safetensors");
    sparse(in, 12, 2048, 4096);
    ChildJvm.Result result = ChildJvm.of(EndsItself.class, List.of("-Xmx64m"),
        List.of(WeightQuantizer.class, DataType.class, com.fasterxml.jackson.core.JsonFactory.class,
            com.fasterxml.jackson.databind.ObjectMapper.class,
            com.fasterxml.jackson.annotation.JsonProperty.class),
        in.toString(), folder.resolve("small.safetensors").toString()).run();
    assertEquals(143, result.exit(), result.output());
    assertTrue(result.output().contains("half"), result.output());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(in), files.toList());
    }
  }

  /** The child: half way it gets what `kill` sends. */
  static final class EndsItself {
    private EndsItself() {}

    /** In, out. */
    public static void main(String[] args) {
      try (WeightFile file = WeightFile.open(Path.of(args[0]))) {
        WeightQuantizer.quantize(file, Path.of(args[1]), (tensor, axis) -> Optional.of(FORMS.get(2)),
            WeightQuantizer.Method.NEAREST, List.of(), Map.of(), (name, done, total) -> {
              if (done > total / 2) {
                System.out.println("half");
                try {
                  new ProcessBuilder("kill", Long.toString(ProcessHandle.current().pid())).start().waitFor();
                  Thread.sleep(60_000);
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
            });
      }
    }
  }

  @Test
  void formsThatMakeNoSense() {
    assertThrows(IllegalArgumentException.class,
        () -> new WeightForm(DataType.F32, true, Granularity.PER_TENSOR, -1, 0));
    assertThrows(IllegalArgumentException.class,
        () -> new WeightForm(DataType.U8, true, Granularity.PER_TENSOR, -1, 0));
    assertThrows(IllegalArgumentException.class,
        () -> new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, -1, 0));
    assertThrows(IllegalArgumentException.class,
        () -> new WeightForm(DataType.S8, true, Granularity.PER_GROUP, 1, 0));
  }
}

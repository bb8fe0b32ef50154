package dev.octet.quantize.file;

import static dev.octet.quantize.file.GgufBytes.concat;
import static dev.octet.quantize.file.GgufBytes.floats;
import static dev.octet.quantize.file.GgufBytes.le;
import static dev.octet.quantize.file.GgufBytes.string;

import dev.octet.BlockFormat;
import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** GGUF files: metadata of every type, tensors of plain numbers and of every type of blocks. */
final class GgufTarget implements FuzzTarget {
  @Override
  public List<byte[]> seeds(Path folder) {
    return inMemory();
  }

  static List<byte[]> inMemory() {
    GgufBytes values = new GgufBytes().text("general.architecture", "llama")
        .value("general.alignment", 4, le(4, 32)).value("split.count", 2, le(2, 1))
        .array("tokens", 8, 3, concat(string("<s>"), string("a"), string("\u00e9")))
        .array("scores", 6, 2, floats(-1, 0.5f)).array("flags", 7, 2, new byte[]{0, 1});
    for (GgufValue.Type type : GgufValue.Type.values()) {
      if (type != GgufValue.Type.STRING) {
        values.value(type.name(), type.id(), le(type.bytes(), 1));
      }
    }
    GgufBytes blocks = new GgufBytes();
    Random random = new Random(12);
    for (GgufType type : GgufType.values()) {
      byte[] bytes = new byte[2 * type.bytes()];
      random.nextBytes(bytes);
      blocks.tensor(type.name(), type == GgufType.OTHER ? 99 : type.id(), bytes, type.elements(), 2);
    }
    return List.of(values.bytes(), new GgufBytes().tensor("a.weight", 0, random(random, 256), 32, 2)
        .tensor("b.weight", 30, random(random, 128), 32, 1, 2).text("general.file_type", "x").bytes(),
        new GgufBytes().text("general.name", "small").tensor("a.weight", 0, floats(1, 2, 3, 4, 5, 6), 3, 2)
            .tensor("b.weight", 2, new byte[18], 32).tensor("c", 24, new byte[5], 5).bytes(2, 3, 1),
        blocks.bytes());
  }

  private static byte[] random(Random random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Everything that a caller can read. */
  static void read(GgufFile file) {
    var _ = file.metadata().hashCode(); // of every element
    for (GgufTensor tensor : file.tensors()) {
      if (tensor.isReadable()) {
        tensor.floats();
      }
      tensor.data().asByteBuffer();
    }
  }

  /** Reads a file that is in memory to the end. */
  static void read(MemorySegment contents) {
    try (GgufFile file = GgufFile.of(contents)) {
      read(file);
    }
  }

  /** Reads a file to the end, or takes its refusal. */
  static void readOrRefuse(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      read(file);
    } catch (MalformedFileException e) {
      Fuzzing.refusal(e, MalformedFileException.class);
    }
  }

  /** Quantizes a file that can be read: all of it is in the output, or there is none. */
  private static void quantize(Path in, Path out) throws IOException {
    Files.deleteIfExists(out);
    try (GgufFile before = GgufFile.open(in)) {
      QuantizationSummary summary = GgufQuantizer.quantize(before, out, BlockFormat.Q4_0, layer -> true,
          (tensor, done, total) -> {
          });
      try (GgufFile after = GgufFile.open(out)) {
        read(after);
        if (!after.names().equals(before.names()) || summary.entries().size() != before.names().size()) {
          throw new AssertionError(before.names() + " became " + after.names());
        }
      }
    } catch (MalformedFileException e) {
      return; // told by readOrRefuse
    } catch (IllegalArgumentException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class);
      if (Files.exists(out)) {
        throw new AssertionError("refused, and there is an output", e);
      }
    }
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Path in = Files.write(folder.resolve("in.gguf"), input);
    Fuzzing.bounded(input, () -> readOrRefuse(in));
    Fuzzing.bounded(input, () -> quantize(in, folder.resolve("out.gguf")));
    Fuzzing.bounded(input, () -> WholeFile.use(in, folder.resolve("out.safetensors")));
  }
}

package dev.octet.llama;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.GgufTensor;
import dev.octet.quantize.file.GgufType;
import dev.octet.quantize.file.GgufValue;
import dev.octet.quantize.file.GgufWriter;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** Small models with random weights, and sequences of tokens. */
final class TestModels {
  static final long SEED = Long.getLong("octet.test.seed", 20261129);
  /** Heads that are not hidden / heads wide and rotated in part, another base, more queries to a key. */
  static final LlamaShape ODD = new LlamaShape(3, 256, 8, 2, 96, 256, 272, 512, 64, 500000, 1e-6f);

  private TestModels() {}

  /** Writes a model into a folder. */
  static Path write(Path folder, LlamaShape shape, boolean tied) {
    System.out.println("octet.test.seed=" + SEED);
    Path path = folder.resolve("model.gguf");
    SeededModel.write(path, shape, SEED, tied);
    return path;
  }

  /** The engines that run models and are here. */
  static List<Engine> engines() {
    try (Octet octet = Octet.open()) {
      return octet.engines().stream().filter(EngineStatus::available).map(EngineStatus::engine)
          .filter(EnumSet.of(Engine.SCALAR, Engine.VECTOR, Engine.NATIVE)::contains).toList();
    }
  }

  static void assumeIsHere(Engine engine) {
    assumeTrue(engines().contains(engine), "skipped, no engine " + engine);
  }

  static int[] tokens(LlamaShape shape, int count) {
    return new Random(SEED).ints(count, 0, shape.vocabulary()).toArray();
  }

  /**
   * Runs tokens in runs of a length.
   *
   * @return the scores behind each run
   */
  static float[][] run(LlamaModel model, int[] tokens, int... lengths) {
    float[][] logits = new float[lengths.length][];
    try (LlamaContext context = new LlamaContext(model, tokens.length)) {
      for (int i = 0; i < lengths.length; i++) {
        logits[i] = context.run(tokens, context.tokens(), lengths[i]).clone();
      }
    }
    return logits;
  }

  static float[][] run(Octet octet, Path path, int[] tokens, int... lengths) {
    try (LlamaModel model = LlamaModel.open(path, octet, null)) {
      return run(model, tokens, lengths);
    }
  }

  /** What a file consists of, to be changed. */
  record Contents(Map<String, GgufValue> metadata, Map<String, GgufWriter.Slot> slots,
      Map<String, float[]> values) {
    void remove(String tensor) {
      slots.remove(tensor);
    }

    void set(String tensor, GgufType type, float[] floats, long... dimensions) {
      set(tensor, type, dimensions);
      values.put(tensor, floats);
    }

    void set(String tensor, GgufType type, long... dimensions) {
      slots.put(tensor, new GgufWriter.Slot(tensor, type, Shape.of(dimensions)));
    }
  }

  /** Writes a file like another one but for a change; new and resized tensors without values are zeros. */
  static Path changed(Path path, Consumer<Contents> change) {
    Path target = path.resolveSibling("changed.gguf");
    try (GgufFile file = GgufFile.open(path)) {
      Contents contents = new Contents(new LinkedHashMap<>(file.values()), new LinkedHashMap<>(),
          new LinkedHashMap<>());
      for (GgufTensor tensor : file.tensors()) {
        contents.slots.put(tensor.name(),
            new GgufWriter.Slot(tensor.name(), tensor.type(), tensor.shape()));
      }
      change.accept(contents);
      try (GgufWriter writer = new GgufWriter(target, List.copyOf(contents.slots.values()),
          contents.metadata)) {
        for (GgufWriter.Slot slot : contents.slots.values()) {
          if (file.names().contains(slot.name()) && file.tensor(slot.name()).shape().equals(slot.shape())
              && file.tensor(slot.name()).type() == slot.type()) {
            writer.write(slot.name(), file.tensor(slot.name()).data());
          } else {
            writer.floats(slot.name(), 0, contents.values.getOrDefault(slot.name(),
                new float[(int) slot.shape().elements()]));
          }
        }
        writer.commit();
      }
    }
    return target;
  }
}

package dev.octet.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.quantize.file.GgufType;
import dev.octet.quantize.file.GgufValue;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is no model that runs here is refused by name, and tokens that do not fit. */
class RefusalTest {
  @TempDir
  Path folder;
  private final Octet octet = Octet.builder().threads(1).open();
  private Path path;

  @BeforeEach
  void write() {
    path = TestModels.write(folder, SeededModel.SMALL, false);
  }

  @AfterEach
  void close() {
    octet.close();
  }

  private void refused(String message, Consumer<TestModels.Contents> change) {
    Path changed = TestModels.changed(path, change);
    assertEquals(message, assertThrows(IllegalArgumentException.class,
        () -> LlamaModel.open(changed, octet, null).close()).getMessage().replaceAll(" which has .*", ""));
  }

  private void refusedValue(String message, String key, GgufValue value) {
    refused(message, contents -> contents.metadata().put(key, value));
  }

  @Test
  void unchangedIsNot() {
    LlamaModel.open(TestModels.changed(path, contents -> {
    }), octet, null).close();
  }

  @Test
  void otherArchitecture() {
    refusedValue("general.architecture: expected llama, got qwen2", "general.architecture",
        GgufValue.of("qwen2"));
  }

  @Test
  void metadata() {
    refused("there is no key llama.block_count in the metadata,",
        contents -> contents.metadata().remove("llama.block_count"));
    refusedValue("llama.embedding_length: expected a number of 1 or more, got 0", "llama.embedding_length",
        GgufValue.u32(0));
    refusedValue("llama.rope.freq_base: expected a float above 0, got -1.0", "llama.rope.freq_base",
        new GgufValue(GgufValue.Type.F32, -1f));
    refusedValue("llama.attention.head_count_kv: expected a divisor of the 4 heads, got 3",
        "llama.attention.head_count_kv", GgufValue.u32(3));
    refusedValue("llama.rope.dimension_count: expected an even number of at most 64, got 66",
        "llama.rope.dimension_count", GgufValue.u32(66));
  }

  @Test
  void otherModelsOfTheFamily() {
    refusedValue("llama.expert_count: only 0 is run here, got 8", "llama.expert_count", GgufValue.u32(8));
    refusedValue("llama.rope.scaling.type: only none is run here, got linear", "llama.rope.scaling.type",
        GgufValue.of("linear"));
    refusedValue("llama.attention.value_length: only 64 is run here, got 32", "llama.attention.value_length",
        GgufValue.u32(32));
    refused("tensor blk.1.attn_q.bias: is not used here, as 1 of 22 tensors are not",
        contents -> contents.set("blk.1.attn_q.bias", GgufType.F32, 256));
  }

  @Test
  void tensors() {
    refused("tensor blk.1.ffn_up.weight: expected [512, 256], is not there",
        contents -> contents.remove("blk.1.ffn_up.weight"));
    refused("tensor token_embd.weight: expected [vocabulary, 256], is not there",
        contents -> contents.remove("token_embd.weight"));
    refused("tensor blk.0.attn_k.weight: expected [128, 256], got [64, 256]",
        contents -> contents.set("blk.0.attn_k.weight", GgufType.Q4_K, 64, 256));
    refused("tensor blk.0.attn_norm.weight: expected [256], got [128]",
        contents -> contents.set("blk.0.attn_norm.weight", GgufType.F32, 128));
    refused("tensor blk.0.attn_v.weight: expected weights in a block format, got F16",
        contents -> contents.set("blk.0.attn_v.weight", GgufType.F16, 128, 256));
  }

  @Test
  void tokens() {
    try (LlamaModel model = LlamaModel.open(path, octet, null);
        LlamaContext context = new LlamaContext(model, 4)) {
      assertEquals("tokens[1]: expected 0 to 319, got 320",
          assertThrows(IllegalArgumentException.class, () -> context.run(new int[]{1, 320}, 0, 2))
              .getMessage());
      context.run(new int[]{1, 2, 3}, 0, 3);
      assertEquals("tokens: expected 1 to 1, for which there is room, got 2",
          assertThrows(IllegalArgumentException.class, () -> context.run(new int[]{1, 2}, 0, 2))
              .getMessage());
      assertEquals("capacity: expected 1 to 512 tokens, got 513",
          assertThrows(IllegalArgumentException.class, () -> new LlamaContext(model, 513).close())
              .getMessage());
      assertEquals("tokens: expected 0 to 3, got 4",
          assertThrows(IllegalArgumentException.class, () -> context.truncate(4)).getMessage());
    }
  }

  @Test
  void packedWeightsOfAnotherEngine() {
    try (Octet vector = Octet.builder().engine(Engine.VECTOR).open()) {
      assertThrows(UnsupportedOperationException.class,
          () -> LlamaModel.open(path, vector, folder.resolve("packed")).close());
    }
  }
}

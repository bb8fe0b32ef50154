package dev.octet.llama;

import dev.octet.BlockFormat;
import dev.octet.Shape;
import dev.octet.quantize.BlockQuantizer;
import dev.octet.quantize.file.GgufType;
import dev.octet.quantize.file.GgufValue;
import dev.octet.quantize.file.GgufWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes models with random weights of the size that trained ones have, since no registry ships a model of a
 * handy size: the same file for the same shape and seed. Formats are those of llama.cpp's Q4_K_M: Q6_K for
 * the output, and for values and ffn_down of half of the layers; Q4_K for all else.
 */
public final class SeededModel {
  /** The shape of TinyLlama-1.1B. */
  public static final LlamaShape TINY_LLAMA = new LlamaShape(22, 2048, 32, 4, 64, 5632, 32000, 2048, 64,
      10000, 1e-5f);

  /** A shape to test with. */
  public static final LlamaShape SMALL = new LlamaShape(2, 256, 4, 2, 64, 512, 320, 512, 64, 10000, 1e-5f);

  /** Quantized once and strewn over a matrix: quantizing a billion weights takes minutes. */
  private static final int BLOCKS = 256;
  /** The bytes that are written at once. */
  private static final int PART = 1 << 20;

  private final LlamaShape shape;
  private final Random random;

  private SeededModel(LlamaShape shape, long seed) {
    this.shape = shape;
    this.random = new Random(seed);
  }

  /**
   * Writes a model.
   *
   * @param path the file, replaced where it is there
   * @param shape sizes that are whole blocks of 256
   * @param seed of the random numbers
   * @param tied whether the embedding is the output too
   */
  public static void write(Path path, LlamaShape shape, long seed, boolean tied) {
    new SeededModel(shape, seed).write(path, tied);
  }

  private void write(Path path, boolean tied) {
    List<GgufWriter.Slot> slots = slots(tied);
    try (GgufWriter writer = new GgufWriter(path, slots, metadata())) {
      for (GgufWriter.Slot slot : slots) {
        if (slot.type() == GgufType.F32) {
          float[] norm = new float[(int) slot.shape().elements()];
          for (int i = 0; i < norm.length; i++) {
            norm[i] = 1 + 0.1f * (float) random.nextGaussian();
          }
          writer.floats(slot.name(), 0, norm);
        } else {
          matrix(writer, slot);
        }
      }
      writer.commit();
    }
  }

  /** Random blocks of a matrix whose products are about as large as the rows that it multiplies. */
  private void matrix(GgufWriter writer, GgufWriter.Slot slot) {
    BlockFormat format = slot.type().block().orElseThrow();
    double deviation = slot.name().equals(Tensors.EMBEDDING)
        ? 1
        : 1 / Math.sqrt((double) slot.shape().dim(1));
    float[] floats = new float[BLOCKS * format.elements()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) (deviation * random.nextGaussian());
    }
    byte[] pool = BlockQuantizer.quantize(format, floats, 0, floats.length);
    int size = format.bytes();
    long blocks = slot.shape().elements() / format.elements();
    byte[] part = new byte[(int) Math.min(blocks, PART / size) * size];
    for (long done = 0; done < blocks; done += part.length / size) {
      int bytes = (int) Math.min(part.length, (blocks - done) * size);
      for (int at = 0; at < bytes; at += size) {
        System.arraycopy(pool, random.nextInt(BLOCKS) * size, part, at, size);
      }
      writer.write(slot.name(), done * size, MemorySegment.ofArray(part).asSlice(0, bytes));
    }
  }

  private List<GgufWriter.Slot> slots(boolean tied) {
    int hidden = shape.hidden();
    List<GgufWriter.Slot> slots = new ArrayList<>();
    slots.add(slot(Tensors.EMBEDDING, GgufType.Q4_K, shape.vocabulary(), hidden));
    for (int layer = 0; layer < shape.layers(); layer++) {
      String blk = "blk." + layer + ".";
      GgufType better = layer % 2 == 0 ? GgufType.Q6_K : GgufType.Q4_K;
      slots.add(slot(blk + "attn_norm.weight", GgufType.F32, hidden));
      slots.add(slot(blk + "attn_q.weight", GgufType.Q4_K, shape.queries(), hidden));
      slots.add(slot(blk + "attn_k.weight", GgufType.Q4_K, shape.keys(), hidden));
      slots.add(slot(blk + "attn_v.weight", better, shape.keys(), hidden));
      slots.add(slot(blk + "attn_output.weight", GgufType.Q4_K, hidden, shape.queries()));
      slots.add(slot(blk + "ffn_norm.weight", GgufType.F32, hidden));
      slots.add(slot(blk + "ffn_gate.weight", GgufType.Q4_K, shape.feedForward(), hidden));
      slots.add(slot(blk + "ffn_up.weight", GgufType.Q4_K, shape.feedForward(), hidden));
      slots.add(slot(blk + "ffn_down.weight", better, hidden, shape.feedForward()));
    }
    slots.add(slot("output_norm.weight", GgufType.F32, hidden));
    if (!tied) {
      slots.add(slot("output.weight", GgufType.Q6_K, shape.vocabulary(), hidden));
    }
    return slots;
  }

  private static GgufWriter.Slot slot(String name, GgufType type, long... dimensions) {
    return new GgufWriter.Slot(name, type, Shape.of(dimensions));
  }

  private Map<String, GgufValue> metadata() {
    Map<String, GgufValue> values = new LinkedHashMap<>();
    values.put("general.architecture", GgufValue.of("llama"));
    count(values, "block_count", shape.layers());
    count(values, "embedding_length", shape.hidden());
    count(values, "attention.head_count", shape.heads());
    count(values, "attention.head_count_kv", shape.kvHeads());
    count(values, "attention.key_length", shape.headSize());
    count(values, "attention.value_length", shape.headSize());
    count(values, "feed_forward_length", shape.feedForward());
    count(values, "context_length", shape.context());
    count(values, "rope.dimension_count", shape.rotated());
    number(values, "rope.freq_base", shape.ropeBase());
    number(values, "attention.layer_norm_rms_epsilon", shape.epsilon());
    return values;
  }

  private static void count(Map<String, GgufValue> values, String key, long count) {
    values.put("llama." + key, GgufValue.u32(count));
  }

  private static void number(Map<String, GgufValue> values, String key, float number) {
    values.put("llama." + key, new GgufValue(GgufValue.Type.F32, number));
  }
}

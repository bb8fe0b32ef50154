package dev.octet.llama;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.op.BatchArguments;
import dev.octet.op.BatchMatMul;
import dev.octet.op.DynamicQuantize;
import dev.octet.op.Op;
import dev.octet.op.Softmax;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Attention of tokens to themselves and those before them, in 8 bits: products of queries with the keys and
 * of probabilities with the values of the cache are integers. Heads of queries that share a head of keys are
 * the rows of one product.
 *
 * <p>
 * A product has no scales along the axis that is summed over, which is that of the tokens in the second one.
 * So probabilities are multiplied by the scales of the values before they are quantized themselves.
 */
final class Attention {
  /** The ops, which any number of sequences use at once. */
  record Ops(BatchMatMul scores, Softmax softmax, DynamicQuantize quantize, BatchMatMul mix)
      implements
        AutoCloseable {
    static Ops prepare(Octet octet, LlamaShape shape) {
      return new Ops(
          octet.batchMatMul().left(DataType.S8).right(DataType.S8).rightTransposed().outputF32().prepare(),
          octet.softmax().scale((float) (1 / Math.sqrt(shape.headSize()))).prepare(),
          octet.dynamicQuantize().perRow().prepare(),
          octet.batchMatMul().left(DataType.U8).right(DataType.S8, Quantization.perTensor(1)).outputF32()
              .prepare());
    }

    @Override
    public void close() {
      Stream.of(scores, softmax, quantize, mix).forEach(Op::close);
    }
  }

  /** Tokens whose scores are in memory together; results do not depend on it. */
  private static final int TOKENS = 16;

  private final LlamaShape shape;
  private final Ops ops;
  private final Rope rope;
  private final byte[] queries;
  private final float[] scores;
  private final float[] mixed;
  private final float[] keyScales;
  private final MemorySegment querySegment;
  private final MemorySegment scoreSegment;
  private final MemorySegment queryScales;
  private final float[] queryScaleValues;
  private final MemorySegment keyScaleSegment;
  private final MemorySegment probabilities;
  private final MemorySegment probabilityScales;
  private final MemorySegment zeroPoints;
  private final MemorySegment mixedSegment;
  private final BatchArguments scoring = new BatchArguments();
  private final BatchArguments mixing = new BatchArguments();

  Attention(LlamaShape shape, Ops ops, Rope rope, int capacity) {
    this.shape = shape;
    this.ops = ops;
    this.rope = rope;
    int rows = TOKENS * shape.heads();
    this.queries = new byte[TOKENS * shape.queries()];
    this.querySegment = MemorySegment.ofArray(queries);
    this.queryScaleValues = new float[rows];
    this.queryScales = MemorySegment.ofArray(queryScaleValues);
    this.keyScales = new float[shape.kvHeads() * capacity];
    this.keyScaleSegment = MemorySegment.ofArray(keyScales);
    this.scores = new float[Math.multiplyExact(rows, capacity)];
    this.scoreSegment = MemorySegment.ofArray(scores);
    this.probabilities = MemorySegment.ofArray(new byte[scores.length]);
    this.probabilityScales = MemorySegment.ofArray(new float[rows]);
    this.zeroPoints = MemorySegment.ofArray(new int[rows]);
    this.mixed = new float[TOKENS * shape.queries()];
    this.mixedSegment = MemorySegment.ofArray(mixed);
  }

  /**
   * Puts keys and values of tokens into the cache and lets the tokens attend to it.
   *
   * @param qkv rows of queries, keys and values; queries and keys become rotated ones
   * @param out takes a row of all heads for each token
   * @param rows how many tokens
   * @param past the position of the first
   */
  void run(Rows qkv, KvCache cache, Rows out, int rows, int past) {
    for (int row = 0; row < rows; row++) {
      store(qkv, row, cache, past + row);
    }
    for (int row = 0; row < rows; row += TOKENS) {
      attend(qkv, cache, out, row, Math.min(TOKENS, rows - row), past + row);
    }
  }

  private void store(Rows qkv, int row, KvCache cache, int position) {
    int at = row * qkv.width;
    for (int head = 0; head < shape.heads() + shape.kvHeads(); head++) {
      rope.rotate(qkv.values, at + head * shape.headSize(), position);
    }
    at += shape.queries();
    for (int head = 0; head < shape.kvHeads(); head++) {
      cache.putKey(qkv.values, at + head * shape.headSize(), head, position);
      cache.putValue(qkv.values, at + shape.keys() + head * shape.headSize(), head, position);
    }
  }

  private void attend(Rows qkv, KvCache cache, Rows out, int first, int tokens, int past) {
    int size = shape.headSize();
    int rows = tokens * shape.group();
    int seen = past + tokens;
    long cacheStride = (long) cache.capacity * size;
    for (int head = 0; head < shape.kvHeads(); head++) {
      System.arraycopy(cache.keyScales, head * cache.capacity, keyScales, head * seen, seen);
    }
    for (int row = 0; row < shape.kvHeads() * rows; row++) {
      queryScaleValues[row] = Floats.quantize(qkv.values, first * qkv.width + place(row, tokens, qkv.width),
          size, queries, row * size);
    }
    ops.scores.run(scoring.sizes(shape.kvHeads(), rows, size, seen)
        .left(querySegment, queryScales, null).right(cache.keys, keyScaleSegment, null)
        .rightStrides(cacheStride, size).out(scoreSegment));
    for (int row = 0; row < shape.kvHeads() * rows; row++) {
      int visible = past + row % rows / shape.group() + 1;
      Arrays.fill(scores, row * seen + visible, (row + 1) * seen, Float.NEGATIVE_INFINITY);
    }
    ops.softmax.run(scoreSegment, scoreSegment, (long) shape.kvHeads() * rows, seen);
    for (int row = 0; row < shape.kvHeads() * rows; row++) {
      int scales = row / rows * cache.capacity;
      for (int i = 0; i < seen; i++) {
        scores[row * seen + i] *= cache.valueScales[scales + i];
      }
    }
    ops.quantize.run(scoreSegment, probabilities, probabilityScales, zeroPoints, shape.kvHeads() * rows,
        seen);
    ops.mix.run(mixing.sizes(shape.kvHeads(), rows, seen, size)
        .left(probabilities, probabilityScales, zeroPoints).right(cache.values)
        .rightStrides(cacheStride, size).out(mixedSegment));
    for (int row = 0; row < shape.kvHeads() * rows; row++) {
      System.arraycopy(mixed, row * size, out.values, first * out.width + place(row, tokens, out.width),
          size);
    }
  }

  /**
   * Where the head of a product's row, {@code [kvHead][token][head of the group]}, begins in the rows of
   * tokens.
   */
  private int place(int row, int tokens, int width) {
    int head = row / (tokens * shape.group()) * shape.group() + row % shape.group();
    return row / shape.group() % tokens * width + head * shape.headSize();
  }
}

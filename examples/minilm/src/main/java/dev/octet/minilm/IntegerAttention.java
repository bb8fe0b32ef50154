package dev.octet.minilm;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;

import dev.octet.Octet;
import dev.octet.op.BatchArguments;
import dev.octet.op.BatchMatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Attention of one sentence on bytes: both products by {@link BatchMatMul}, a head being a product of the
 * batch; softmax in between in plain Java.
 *
 * <p>
 * Scores stand transposed, {@code [key][head][query]}: every loop of the softmax runs over the queries of all
 * heads, which C2 turns into long vector loops without a sum across lanes (0.5 ns an element at rows of 512,
 * 1.0 at rows of 128). They come as integers, so that the product needs no scales; e^(score - max) goes into
 * the second product as U8 with scale 1/255, whose largest value is the e^0 of each query, so that no range
 * has to be looked for. The division by the sum waits for the context, which is shorter.
 */
final class IntegerAttention implements AutoCloseable {
  private static final int D = MiniLm.HEAD_FEATURES;
  private static final int HEADS = MiniLm.HEADS;
  private static final int ROW = 3 * MiniLm.FEATURES;

  private final BatchMatMul scores;
  private final BatchMatMul context;
  private Room room = new Room(0);

  IntegerAttention(Octet octet) {
    this.scores = octet.batchMatMul().left(S8, perTensor(1)).right(S8, perTensor(1)).rightTransposed()
        .outputS32().prepare();
    this.context = octet.batchMatMul().left(S8, perTensor(1)).right(U8, perTensor(1)).outputS32().prepare();
  }

  /** The kernel of the scores. */
  String kernel() {
    return scores.kernel();
  }

  /**
   * All heads.
   *
   * @param queryKeyValue bytes {@code [tokens of the batch][3 * 384]}
   * @param first the first row of the sentence
   * @param tokens rows of the sentence
   * @param scoreScales what the product of a query and a key is multiplied by, for each head
   * @param valueScales the scale of each feature of the values
   * @param out F32 {@code [tokens of the batch][384]}, rows at the same place
   * @param times where the parts are booked
   */
  void run(MemorySegment queryKeyValue, int first, int tokens, float[] scoreScales, float[] valueScales,
      MemorySegment out, Times times) {
    if (room.tokens != tokens) {
      room.arena.close();
      room = new Room(tokens);
    }
    long start = System.nanoTime();
    MemorySegment queries = queryKeyValue.asSlice((long) first * ROW);
    scores.run(room.scoreArguments.left(queries.asSlice(MiniLm.FEATURES)).right(queries));
    long scored = System.nanoTime();
    softmax(scoreScales);
    long weighted = System.nanoTime();
    transposeValues(queries);
    context.run(room.contextArguments);
    transposeContext(valueScales, out, first);
    times.add(Times.Kind.ATTENTION, scored - start + System.nanoTime() - weighted);
    times.add(Times.Kind.SOFTMAX, weighted - scored);
  }

  private void softmax(float[] headScales) {
    int n = room.max.length;
    for (int head = 0; head < HEADS; head++) {
      Arrays.fill(room.scales, head * room.tokens, (head + 1) * room.tokens, headScales[head]);
    }
    Arrays.fill(room.max, Integer.MIN_VALUE);
    Arrays.fill(room.sum, 0);
    for (int key = 0; key < room.tokens; key++) {
      MemorySegment.copy(room.scores, ValueLayout.JAVA_INT, 4L * key * n, room.row, 0, n);
      max(room.max, room.row, n);
    }
    for (int key = 0; key < room.tokens; key++) {
      MemorySegment.copy(room.scores, ValueLayout.JAVA_INT, 4L * key * n, room.row, 0, n);
      FloatRows.expToBytes(room.row, room.max, room.scales, room.bytes, room.sum, n);
      MemorySegment.copy(room.bytes, 0, room.weights, ValueLayout.JAVA_BYTE, (long) key * n, n);
    }
  }

  private static void max(int[] max, int[] row, int n) {
    for (int i = 0; i < n; i++) {
      max[i] = Math.max(max[i], row[i]);
    }
  }

  /** {@code [key][feature]} to {@code [feature][key]}: the left operand of the context. */
  private void transposeValues(MemorySegment queries) {
    for (int key = 0; key < room.tokens; key++) {
      MemorySegment.copy(queries, ValueLayout.JAVA_BYTE, (long) key * ROW + 2 * MiniLm.FEATURES, room.bytes,
          0,
          MiniLm.FEATURES);
      for (int f = 0; f < MiniLm.FEATURES; f++) {
        room.turned[f * room.tokens + key] = room.bytes[f];
      }
    }
    MemorySegment.copy(room.turned, 0, room.values, ValueLayout.JAVA_BYTE, 0, room.turned.length);
  }

  /** {@code [feature][query]} to {@code [query][feature]}, in real numbers. */
  private void transposeContext(float[] valueScales, MemorySegment out, int first) {
    int tokens = room.tokens;
    MemorySegment.copy(room.context, ValueLayout.JAVA_INT, 0, room.integers, 0, room.integers.length);
    for (int query = 0; query < tokens; query++) {
      for (int head = 0; head < HEADS; head++) {
        float inverse = 1 / (255 * room.sum[head * tokens + query]);
        for (int f = head * D; f < (head + 1) * D; f++) {
          room.reals[f] = room.integers[f * tokens + query] * (inverse * valueScales[f]);
        }
      }
      MemorySegment.copy(room.reals, 0, out, ValueLayout.JAVA_FLOAT, 4L * (first + query) * MiniLm.FEATURES,
          MiniLm.FEATURES);
    }
  }

  @Override
  public void close() {
    room.arena.close();
  }

  /** What lies between the products, for so many tokens. */
  private static final class Room {
    final int tokens;
    final Arena arena = Arena.ofShared();
    final BatchArguments scoreArguments;
    final BatchArguments contextArguments;
    /** S32 {@code [key][head][query]}. */
    final MemorySegment scores;
    /** U8 {@code [key][head][query]}. */
    final MemorySegment weights;
    /** S8 {@code [feature][key]}. */
    final MemorySegment values;
    /** S32 {@code [feature][query]}. */
    final MemorySegment context;
    final int[] row;
    final int[] max;
    final float[] scales;
    final float[] sum;
    final byte[] bytes;
    final byte[] turned;
    final int[] integers;
    final float[] reals = new float[MiniLm.FEATURES];

    Room(int tokens) {
      this.tokens = tokens;
      long row = (long) HEADS * tokens;
      this.scores = arena.allocate(4 * row * tokens, 64);
      this.weights = arena.allocate(row * tokens, 64);
      this.values = arena.allocate((long) MiniLm.FEATURES * tokens, 64);
      this.context = arena.allocate(4L * MiniLm.FEATURES * tokens, 64);
      this.scoreArguments = new BatchArguments().sizes(HEADS, tokens, D, tokens).leftStrides(D, ROW)
          .rightStrides(D, ROW).out(scores).outStrides(tokens, row);
      this.contextArguments = new BatchArguments().sizes(HEADS, D, tokens, tokens).left(values)
          .right(weights).rightStrides(tokens, row).out(context);
      this.row = new int[HEADS * tokens];
      this.max = new int[HEADS * tokens];
      this.scales = new float[HEADS * tokens];
      this.sum = new float[HEADS * tokens];
      this.bytes = new byte[Math.max(HEADS * tokens, MiniLm.FEATURES)];
      this.turned = new byte[MiniLm.FEATURES * tokens];
      this.integers = new int[MiniLm.FEATURES * tokens];
    }
  }
}

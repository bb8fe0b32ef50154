package dev.octet.llama;

import dev.octet.op.DynamicMatMul;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A sequence of tokens of a {@link LlamaModel}: its cache of keys and values, and the memory that a run
 * needs. Runs allocate nothing. One thread at a time.
 *
 * <p>
 * Logits are the same bits on every engine, instruction set and number of threads, and however the tokens are
 * cut into runs.
 */
public final class LlamaContext implements AutoCloseable {
  /** Tokens that go through the layers together. */
  private static final int BATCH = 128;

  private final LlamaModel model;
  private final LlamaShape shape;
  private final int capacity;
  private final Arena arena = Arena.ofShared();
  private final KvCache[] caches;
  private final Attention attention;
  /** What the layers add to, and what each of their products takes and gives. */
  private final Rows stream;
  private final Rows normed;
  private final Rows qkv;
  private final Rows attended;
  private final Rows added;
  private final Rows gateUp;
  private final Rows activated;
  private final Rows logits;
  private int position;

  /**
   * Creates an empty sequence.
   *
   * @param model the model, not closed while the sequence is used
   * @param capacity how many tokens there will be at most, 1 to the model's {@link LlamaShape#context}
   * @throws IllegalArgumentException if the capacity is out of range
   */
  public LlamaContext(LlamaModel model, int capacity) {
    this.model = model;
    this.shape = model.shape();
    this.capacity = capacity;
    if (capacity < 1 || capacity > shape.context()) {
      throw new IllegalArgumentException(
          "capacity: expected 1 to " + shape.context() + " tokens, got " + capacity);
    }
    int rows = Math.min(BATCH, capacity);
    this.caches = Stream.generate(() -> new KvCache(shape, capacity, arena)).limit(shape.layers())
        .toArray(KvCache[]::new);
    this.attention = new Attention(shape, model.attention(), new Rope(shape, model.ropeFactors(), capacity),
        capacity);
    this.stream = new Rows(rows, shape.hidden());
    this.normed = new Rows(rows, shape.hidden());
    this.qkv = new Rows(rows, shape.queries() + 2 * shape.keys());
    this.attended = new Rows(rows, shape.queries());
    this.added = new Rows(rows, shape.hidden());
    this.gateUp = new Rows(rows, 2 * shape.feedForward());
    this.activated = new Rows(rows, shape.feedForward());
    this.logits = new Rows(1, shape.vocabulary());
  }

  /**
   * Runs tokens that follow those of the runs before.
   *
   * @param tokens has their numbers
   * @param from the index of the first
   * @param count how many, 1 or more
   * @return what each number of the vocabulary scores as the next token; overwritten by the next run
   * @throws IllegalArgumentException if a number is not in the vocabulary, no token comes, or more than there
   *         is room for; then nothing was run
   * @throws IndexOutOfBoundsException if there are not so many tokens from there on
   */
  public float[] run(int[] tokens, int from, int count) {
    check(tokens, from, count);
    for (int done = 0; done < count; done += BATCH) {
      batch(tokens, from + done, Math.min(BATCH, count - done));
    }
    int rows = (count - 1) % BATCH + 1;
    norm((rows - 1) * shape.hidden(), model.outputNorm(), 0);
    run(model.output(), normed, logits, 1);
    return logits.values;
  }

  private void check(int[] tokens, int from, int count) {
    Objects.checkFromIndexSize(from, count, tokens.length);
    if (count < 1 || count > capacity - position) {
      throw new IllegalArgumentException("tokens: expected 1 to " + (capacity - position)
          + ", for which there is room, got " + count);
    }
    for (int i = from; i < from + count; i++) {
      if (tokens[i] < 0 || tokens[i] >= shape.vocabulary()) {
        throw new IllegalArgumentException("tokens[" + i + "]: expected 0 to " + (shape.vocabulary() - 1)
            + ", got " + tokens[i]);
      }
    }
  }

  private void batch(int[] tokens, int from, int rows) {
    int hidden = shape.hidden();
    for (int row = 0; row < rows; row++) {
      model.embedding().row(tokens[from + row], stream.values, row * hidden);
    }
    for (int i = 0; i < caches.length; i++) {
      Layer layer = model.layers().get(i);
      norm(layer.attentionNorm(), rows);
      run(layer.qkv(), normed, qkv, rows);
      attention.run(qkv, caches[i], attended, rows, position);
      run(layer.attentionOutput(), attended, added, rows);
      Floats.add(added.values, stream.values, rows * hidden);
      norm(layer.forwardNorm(), rows);
      run(layer.gateUp(), normed, gateUp, rows);
      for (int row = 0; row < rows; row++) {
        Floats.swiGlu(gateUp.values, row * gateUp.width, shape.feedForward(), activated.values,
            row * activated.width);
      }
      run(layer.down(), activated, added, rows);
      Floats.add(added.values, stream.values, rows * hidden);
    }
    position += rows;
  }

  private static void run(DynamicMatMul product, Rows x, Rows y, int rows) {
    product.run(x.memory, y.memory, rows);
  }

  private void norm(float[] weights, int rows) {
    for (int row = 0; row < rows; row++) {
      norm(row * shape.hidden(), weights, row * shape.hidden());
    }
  }

  private void norm(int from, float[] weights, int to) {
    Floats.rmsNorm(stream.values, from, weights, shape.epsilon(), normed.values, to);
  }

  /**
   * Returns the number of tokens that were run.
   *
   * @return 0 to the capacity
   */
  public int tokens() {
    return position;
  }

  /**
   * Forgets tokens at the end.
   *
   * @param tokens how many stay
   * @throws IllegalArgumentException if there are not so many
   */
  public void truncate(int tokens) {
    if (tokens < 0 || tokens > position) {
      throw new IllegalArgumentException("tokens: expected 0 to " + position + ", got " + tokens);
    }
    position = tokens;
  }

  /**
   * Returns the token with the highest score, the first of equal ones.
   *
   * @param logits the scores
   * @return its number
   */
  public static int best(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  /**
   * Returns the size of keys and values with their scales.
   *
   * @return the size in bytes
   */
  public long cacheBytes() {
    return KvCache.bytes(shape, capacity);
  }

  /** Frees the cache. */
  @Override
  public void close() {
    arena.close();
  }
}

package dev.octet.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.octet.Octet;
import dev.octet.langchain4j.Tokenizer.Tokens;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.PreparedOnnx;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Embedding model of the BERT family that runs inside the JVM on Octet's kernels. It takes the model files
 * that langchain4j publishes, FP32 or quantized, unchanged, and gives the vectors that langchain4j's own
 * classes for them give; or any such ONNX file with its tokenizer.
 *
 * {@snippet :
 * try (OctetEmbeddingModel model = OctetEmbeddingModel.builder()
 *     .artifact(EmbeddingArtifact.E5_SMALL_V2_Q)
 *     .build()) {
 *   float[] vector = model.embed("query: how tall is the tower?").content().vector();
 * }
 * }
 *
 * <p>
 * Every vector has length 1 and is that of its text alone: texts of a batch are not padded and share nothing
 * but the threads, so neighbours, order and number of threads change no bit of it. A model that wants a
 * prefix, such as {@code query:}, gets it from the caller.
 *
 * <p>
 * Texts are cut where langchain4j's classes cut them: at the length that the tokenizer file states, which is
 * 128 tokens for all-MiniLM-L6-v2, and at 512 tokens where it states none. {@link Builder#maxTokens} changes
 * that. What has more than 510 tokens is embedded in parts that end between words, and the vectors of the
 * parts are averaged by their numbers of tokens.
 *
 * <p>
 * Immutable and safe for use by multiple threads. Closing it frees the model: new calls throw
 * IllegalStateException, running ones finish first.
 */
public final class OctetEmbeddingModel extends DimensionAwareEmbeddingModel implements AutoCloseable {
  private static final int MOST_THREADS = 32768;
  private static final long IDLE_SECONDS = 1;

  private final String modelName;
  private final Tokenizer tokenizer;
  private final Encoder encoder;
  private final Spread spread;
  /** One party is this model until it is closed, the others are running calls. */
  private final Phaser users;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * A model.
   *
   * @param modelName its name
   * @param tokenizer of its texts
   * @param encoder of their tokens
   * @param spread over threads
   * @param free runs once, when the model is closed and no call is left
   */
  OctetEmbeddingModel(String modelName, Tokenizer tokenizer, Encoder encoder, Spread spread,
      Runnable free) {
    this.modelName = modelName;
    this.tokenizer = tokenizer;
    this.encoder = encoder;
    this.spread = spread;
    this.users = new Phaser(1) {
      @Override
      protected boolean onAdvance(int phase, int parties) {
        free.run(); // the last one has gone
        return true;
      }
    };
  }

  /**
   * Returns a builder.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Embeds texts.
   *
   * @param segments the texts
   * @return a vector for each text, in their order, and the number of tokens of all of them
   * @throws IllegalArgumentException if one is null, or has no token, as one of invisible characters has none
   * @throws IllegalStateException if this model, or the Octet that it was given, is closed
   */
  @Override
  public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
    for (int text = 0; text < Objects.requireNonNull(segments, "segments").size(); text++) {
      if (segments.get(text) == null) {
        throw new IllegalArgumentException("text " + text + ": expected one, got null"); // or it would be
                                                                                         // left out
      }
    }
    return super.embedAll(segments);
  }

  /**
   * Embeds the texts of a request. Programs call {@code embed} or {@code embedAll}, which come here after
   * listeners were told and the request was checked.
   *
   * @param request the texts
   * @return a vector for each text, in their order, and the number of tokens of all of them
   * @throws IllegalArgumentException if a text has no token, as one of invisible characters has none
   * @throws IllegalStateException if this model, or the Octet that it was given, is closed
   */
  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    List<String> texts = Objects.requireNonNull(request, "request").inputs().stream()
        .map(EmbeddingInput::text).toList();
    return inUse(() -> embed(texts));
  }

  /**
   * Counts the tokens of a text as it is embedded: cut where {@link Builder#maxTokens} says.
   *
   * @param text the text
   * @return how many, without [CLS] and [SEP]; 0 of one that cannot be embedded
   * @throws IllegalStateException if this model is closed
   */
  public int countTokens(String text) {
    Objects.requireNonNull(text, "text");
    return tokenize(text).count();
  }

  /**
   * Tokenizes a text, cut where {@link Builder#maxTokens} says, for {@link #embedTokenized}.
   *
   * @param text the text
   * @return its tokens; {@link TokenizedText#count} is 0 where it has none
   * @throws IllegalStateException if this model is closed
   */
  public TokenizedText tokenize(String text) {
    Objects.requireNonNull(text, "text");
    return inUse(() -> new TokenizedText(tokenizer, tokenizer.tokenize(text)));
  }

  /**
   * Embeds texts that this model has tokenized. The vectors are those of {@link #embedAll}; listeners are not
   * told.
   *
   * @param texts from {@link #tokenize}
   * @return a vector for each text, in their order
   * @throws IllegalArgumentException if one is null, has no token, or another model has tokenized it
   * @throws IllegalStateException if this model, or the Octet that it was given, is closed
   */
  public List<Embedding> embedTokenized(List<TokenizedText> texts) {
    Tokens[] tokens = new Tokens[Objects.requireNonNull(texts, "texts").size()];
    for (int text = 0; text < tokens.length; text++) {
      TokenizedText tokenized = texts.get(text);
      if (tokenized == null || !tokenized.isOf(tokenizer) || tokenized.count() < 1) {
        throw new IllegalArgumentException(
            "text " + text + ": expected one with at least a token, tokenized by this model, got "
                + (tokenized == null || tokenized.isOf(tokenizer) ? "" : "another's of ") + tokenized);
      }
      tokens[text] = tokenized.tokens();
    }
    return inUse(() -> embed(tokens));
  }

  /** Runs a call, during which what this model has is not freed. */
  private <T> T inUse(Supplier<T> call) {
    if (closed.get() || users.register() < 0) {
      throw new IllegalStateException("this model is closed");
    }
    try {
      return call.get();
    } finally {
      users.arriveAndDeregister();
    }
  }

  /** A part of a text, and the place of its vector. */
  private record Part(long[] ids, float[][] vectors, int place) {}

  private EmbeddingResponse embed(List<String> texts) {
    Tokens[] tokens = new Tokens[texts.size()];
    spread.run(tokens.length, text -> tokens[text] = tokenize(texts.get(text), text));
    List<Embedding> embeddings = embed(tokens);
    int count = 0;
    for (Tokens text : tokens) {
      count = Math.addExact(count, text.count());
    }
    return EmbeddingResponse.builder().embeddings(embeddings).modelName(modelName)
        .tokenUsage(new TokenUsage(count)).build();
  }

  private List<Embedding> embed(Tokens[] tokens) {
    List<float[][]> vectors = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    for (Tokens text : tokens) {
      float[][] ofText = new float[text.parts().size()][];
      for (int place = 0; place < ofText.length; place++) {
        parts.add(new Part(text.parts().get(place), ofText, place));
      }
      vectors.add(ofText);
    }
    // the longest first, so that threads end together; parts of one length lie together, and share a plan
    parts.sort(Comparator.comparingInt((Part part) -> part.ids.length).reversed());
    spread.run(parts.size(), index -> {
      Part part = parts.get(index);
      part.vectors[part.place] = encoder.encode(part.ids);
    });
    List<Embedding> embeddings = new ArrayList<>();
    for (int text = 0; text < tokens.length; text++) {
      embeddings.add(Embedding.from(Vectors.unit(Vectors.average(vectors.get(text), tokens[text].parts()))));
    }
    return embeddings;
  }

  private Tokens tokenize(String text, int index) {
    Tokens tokens = tokenizer.tokenize(text);
    if (tokens.parts().isEmpty()) {
      throw new IllegalArgumentException(
          "text " + index + ": expected one with at least a token, got none in "
              + text.length() + " characters");
    }
    return tokens;
  }

  /**
   * Returns the name of the model: that of its file, without {@code .onnx}.
   *
   * @return the name
   */
  @Override
  public String modelName() {
    return modelName;
  }

  /** Returns the length of the vectors, without embedding anything. */
  @Override
  protected Integer knownDimension() {
    return encoder.dimensions();
  }

  /** Returns name, dimensions and pooling. */
  @Override
  public String toString() {
    return modelName + ", " + encoder;
  }

  /** Frees the model when the last running call has returned; has no effect when called again. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      users.arriveAndDeregister();
    }
  }

  /** Builder for {@link OctetEmbeddingModel}. Not safe for use by multiple threads. */
  public static final class Builder {
    private EmbeddingArtifact artifact;
    private Path model;
    private Path tokenizer;
    private Pooling pooling;
    private int maxTokens;
    private Octet octet;
    private int threads;
    private Executor executor;
    private OnnxOptions options = OnnxOptions.defaults();

    private Builder() {}

    /**
     * Sets the model to one of langchain4j's artifacts, whose jar is on the class path.
     *
     * @param artifact which one
     * @return this
     */
    public Builder artifact(EmbeddingArtifact artifact) {
      this.artifact = Objects.requireNonNull(artifact, "artifact");
      return this;
    }

    /**
     * Sets the model to a file. Its inputs are {@code input_ids} and, where it has them,
     * {@code attention_mask} and {@code token_type_ids}, I64 [batch, tokens]; its first output has the hidden
     * states, F32 [batch, tokens, dimensions].
     *
     * @param model the ONNX file
     * @return this
     */
    public Builder model(Path model) {
      this.model = Objects.requireNonNull(model, "model");
      return this;
    }

    /**
     * Sets the tokenizer of a model that is a file. Without this it is the file {@code NAME-tokenizer.json}
     * beside {@code NAME.onnx}, else {@code tokenizer.json}.
     *
     * @param tokenizer the file, in the format of Hugging Face's tokenizers
     * @return this
     */
    public Builder tokenizer(Path tokenizer) {
      this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
      return this;
    }

    /**
     * Sets the pooling. Needed for a file, unless it has the name of an artifact's; a wrong one gives vectors
     * without meaning.
     *
     * @param pooling how hidden states become a vector
     * @return this
     */
    public Builder pooling(Pooling pooling) {
      this.pooling = Objects.requireNonNull(pooling, "pooling");
      return this;
    }

    /**
     * Sets where texts are cut. Without this they are cut where langchain4j's classes cut them: at the length
     * that the tokenizer file states, at 512 tokens where it states none.
     *
     * @param maxTokens the most tokens of a text, [CLS] and [SEP] included, 3 or more;
     *        {@link Integer#MAX_VALUE}: all of every text is embedded
     * @return this
     * @throws IllegalArgumentException if it is less than 3
     */
    public Builder maxTokens(int maxTokens) {
      if (maxTokens < 3) {
        throw new IllegalArgumentException("maxTokens: expected >= 3, got " + maxTokens);
      }
      this.maxTokens = maxTokens;
      return this;
    }

    /**
     * Sets the Octet whose engines run the model. Without this the model opens one of its own.
     *
     * @param octet stays open as long as the model, and is not closed with it
     * @return this
     */
    public Builder octet(Octet octet) {
      this.octet = Objects.requireNonNull(octet, "octet");
      return this;
    }

    /**
     * Sets how many threads work on one call, the calling thread included: on the texts of a batch, and on
     * one text where the Octet is the model's own. Without this it is the system property
     * {@code octet.threads}, else the number of processors.
     *
     * @param threads 1 to 32768
     * @return this
     * @throws IllegalArgumentException if the number is out of range
     */
    public Builder threads(int threads) {
      if (threads < 1 || threads > MOST_THREADS) {
        throw new IllegalArgumentException("threads: expected 1 to " + MOST_THREADS + ", got " + threads);
      }
      this.threads = threads;
      return this;
    }

    /**
     * Sets an executor that helps the calling thread, in place of threads of the model's own. The caller
     * works too and never waits for a task that has not started.
     *
     * @param executor of tasks that never wait for each other; not closed with the model
     * @return this
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Sets how the model is prepared. Without this it runs as its file says: an FP32 file in FP32, with the
     * vectors of langchain4j's classes. To run an FP32 file in int8, several times as fast:
     *
     * {@snippet :
     * builder.options(OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic()));
     * }
     *
     * Vectors then are near those of the file, not the same: do not compare vectors of the two ways.
     *
     * @param options of the ONNX model
     * @return this
     */
    public Builder options(OnnxOptions options) {
      this.options = Objects.requireNonNull(options, "options");
      return this;
    }

    /**
     * Reads and prepares the model.
     *
     * @return the model, to be closed
     * @throws IllegalArgumentException if the system property {@code octet.threads} is out of range, if
     *         neither an artifact nor a file was set or both were, if a part is missing, if the file is no
     *         ONNX model, or if the model has other inputs or outputs
     * @throws UnsupportedOperationException if the artifact is not on the class path, or the model has
     *         operators that are not offered
     * @throws UncheckedIOException if a file cannot be read
     * @throws IllegalStateException if the Octet is closed
     */
    public OctetEmbeddingModel build() {
      ModelFiles files = files();
      int workers = threads > 0 ? threads : defaultThreads();
      Deque<Runnable> owned = new ArrayDeque<>();
      try {
        Octet engine = octet != null ? octet : openOctet();
        if (octet == null) {
          owned.push(engine::close);
        }
        Tokenizer texts = readTokenizer(files);
        owned.push(texts::close);
        Encoder encoder = prepare(files, engine, options);
        owned.push(encoder::close);
        Spread spread = executor != null ? new Spread(executor, workers) : ownSpread(workers, owned);
        return new OctetEmbeddingModel(files.modelName(), texts, encoder, spread,
            () -> owned.forEach(Runnable::run));
      } catch (Throwable e) {
        owned.forEach(Runnable::run);
        throw e;
      }
    }

    /** What {@code octet.threads} says, as an Octet reads it, else the number of processors. */
    private static int defaultThreads() {
      int threads = Integer.getInteger("octet.threads", Runtime.getRuntime().availableProcessors());
      if (threads < 1 || threads > MOST_THREADS) {
        throw new IllegalArgumentException(
            "octet.threads: expected 1 to " + MOST_THREADS + ", got " + threads);
      }
      return threads;
    }

    private ModelFiles files() {
      if ((artifact == null) == (model == null)) {
        throw new IllegalArgumentException("artifact, model: expected one of them, got "
            + (artifact == null ? "none" : "both"));
      }
      if (artifact != null && (tokenizer != null || pooling != null)) {
        throw new IllegalArgumentException((tokenizer != null ? "tokenizer" : "pooling")
            + ": expected none beside an artifact, which has its own");
      }
      return artifact != null ? ModelFiles.of(artifact) : ModelFiles.of(model, tokenizer, pooling);
    }

    private Octet openOctet() {
      Octet.Builder builder = Octet.builder().executor(executor);
      return (threads > 0 ? builder.threads(threads) : builder).open();
    }

    private Tokenizer readTokenizer(ModelFiles files) {
      try (InputStream json = files.tokenizer().get()) {
        return new Tokenizer(json, maxTokens);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Encoder prepare(ModelFiles files, Octet octet, OnnxOptions options) {
      try (OnnxModel model = files.model().get()) {
        PreparedOnnx prepared = model.prepare(octet, options);
        try {
          return new Encoder(prepared, files.pooling());
        } catch (Throwable e) {
          prepared.close();
          throw e;
        }
      }
    }

    private static Spread ownSpread(int threads, Deque<Runnable> owned) {
      if (threads == 1) {
        return new Spread(Runnable::run, 1);
      }
      ThreadPoolExecutor helpers = new ThreadPoolExecutor(threads - 1, threads - 1, IDLE_SECONDS,
          TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("octet-embedding-", 1)
              .factory());
      helpers.allowCoreThreadTimeOut(true);
      owned.push(helpers::shutdown);
      return new Spread(helpers, threads);
    }
  }
}

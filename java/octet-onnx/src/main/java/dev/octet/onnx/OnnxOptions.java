package dev.octet.onnx;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Says how a model is prepared. Immutable. */
public final class OnnxOptions {
  private static final long GIGABYTE = 1L << 30;
  private static final OnnxOptions DEFAULTS = new OnnxOptions(EnumSet.allOf(Rewrite.class), 4 * GIGABYTE,
      null, null);

  private final Set<Rewrite> rewrites;
  private final long memoryLimit;
  /** Null: nothing is quantized. */
  private final OnnxQuantization quantization;
  /** Null: weights are packed in memory. */
  private final Path weightCache;

  private OnnxOptions(Set<Rewrite> rewrites, long memoryLimit, OnnxQuantization quantization,
      Path weightCache) {
    this.rewrites = Set.copyOf(rewrites);
    this.memoryLimit = memoryLimit;
    this.quantization = quantization;
    this.weightCache = weightCache;
  }

  /**
   * Returns the options that are best for most programs: all rewrites, and at most 4 GB of memory for a run.
   *
   * @return the options
   */
  public static OnnxOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Returns these options without a rewrite.
   *
   * @param rewrite which is not made
   * @return new options
   */
  public OnnxOptions without(Rewrite rewrite) {
    Objects.requireNonNull(rewrite, "rewrite");
    EnumSet<Rewrite> fewer = EnumSet.noneOf(Rewrite.class);
    rewrites.stream().filter(kept -> kept != rewrite).forEach(fewer::add);
    return new OnnxOptions(fewer, memoryLimit, quantization, weightCache);
  }

  /**
   * Returns these options without any rewrite: every node of the file runs by itself, but for those that
   * {@link #quantize} names.
   *
   * @return new options
   */
  public OnnxOptions withoutRewrites() {
    return new OnnxOptions(EnumSet.noneOf(Rewrite.class), memoryLimit, quantization, weightCache);
  }

  /**
   * Returns these options with another limit of the memory that a run takes beside its inputs and the
   * weights; outputs count where the run makes them. A run that needs more is refused before it takes any.
   *
   * @param bytes the limit, 0 or more
   * @return new options
   * @throws IllegalArgumentException if it is negative
   */
  public OnnxOptions memoryLimit(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: expected >= 0, got " + bytes);
    }
    return new OnnxOptions(rewrites, bytes, quantization, weightCache);
  }

  /**
   * Returns these options with float products and convolutions quantized; the default is to run them as the
   * file says. With {@link Rewrite#BATCH_NORMALIZATIONS} those are folded first.
   *
   * @param how the scheme, and which nodes
   * @return new options
   */
  public OnnxOptions quantize(OnnxQuantization how) {
    return new OnnxOptions(rewrites, memoryLimit, Objects.requireNonNull(how, "how"), weightCache);
  }

  /**
   * Returns these options with packed weights, and constants of 64 KB and more, in files of a folder, mapped
   * read-only: processes that prepare the same model with the same folder share the pages. The default is
   * memory of each prepared model's own. Results are the same to the last bit.
   *
   * <p>
   * A file is named by what is in it and by the engines: folders serve any number of models, and of hosts
   * with other processors. What is missing is packed and written; a file that is damaged, or that another
   * version of Octet wrote, is replaced. Any number of threads and processes may prepare at the same time;
   * the first to write a file wins. Files are never removed, but for what a writer that was killed has left,
   * an hour later; a folder may be removed, also while prepared models have its files mapped.
   *
   * <p>
   * Mapped are the weights of products and convolutions of integers, and of floats that are quantized, where
   * an engine packs them: on NATIVE. Products and convolutions of floats, and other engines, have their
   * weights in memory of their own, as without a folder.
   *
   * <p>
   * <b>Warning: who can write into the folder decides what the model computes,</b> and ends this process by
   * truncating a file that is mapped: give it to no other user.
   *
   * @param folder is made where it is missing, when a model is prepared; it may be read-only where it has all
   *        files
   * @return new options
   */
  public OnnxOptions weightCache(Path folder) {
    return new OnnxOptions(rewrites, memoryLimit, quantization, Objects.requireNonNull(folder, "folder"));
  }

  /**
   * Returns the folder of packed weights.
   *
   * @return empty where they are packed in memory
   */
  public Optional<Path> weightCache() {
    return Optional.ofNullable(weightCache);
  }

  /**
   * Returns how float products and convolutions are quantized.
   *
   * @return empty where they run as the file says
   */
  public Optional<OnnxQuantization> quantization() {
    return Optional.ofNullable(quantization);
  }

  /**
   * Returns the rewrites that are made.
   *
   * @return an immutable set
   */
  public Set<Rewrite> rewrites() {
    return rewrites;
  }

  /**
   * Returns the limit of the memory of a run.
   *
   * @return bytes
   */
  public long memoryLimit() {
    return memoryLimit;
  }
}

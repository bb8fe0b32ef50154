package dev.octet.op;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.QTensor;
import dev.octet.WeightLayout;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.PackableWeights;
import dev.octet.engine.Window;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Packed;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner.Cleanable;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Packed weights of a product or a convolution, for use by any number of ops and Octets with the same engine
 * and instruction set tier. Written to a file that is mapped read-only, they are shared by any number of
 * processes, which then start without packing. Made by {@link dev.octet.Octet#pack},
 * {@link Conv2d.Builder#pack}, {@link dev.octet.Octet#map} and {@link dev.octet.Octet#load}.
 *
 * <p>
 * Weights with scales per tensor or per channel are packed for {@link MatMul} and {@link DynamicMatMul}; with
 * scales per group, and weights in a block format, for {@link DynamicMatMul} and {@link WeightOnlyMatMul}.
 * Weights of a convolution are packed for convolutions of the same groups, stride, dilation and padding.
 *
 * <p>
 * Immutable and safe for use by multiple threads. Prepared ops keep the memory alive, so packed weights may
 * be closed at any time; those that are not closed are freed when they, and the builders and ops that have
 * them, are unreachable.
 */
public final class PackedWeights implements AutoCloseable {
  private final Packed packed;
  private final PackableWeights weights;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Cleanable cleanable;

  private PackedWeights(Packed packed) {
    this.packed = packed;
    // Whoever has the matrix, a builder or an op, has this: what frees the pack comes after both.
    this.weights = packed.weights().ownedBy(this);
    this.cleanable = Dispatch.releaseWith(this, weights.pack());
  }

  /**
   * Packs weights. For internal use: applications call {@link dev.octet.Octet#pack}.
   *
   * @param dispatch chooses the engine
   * @param weights a matrix of weights
   * @param layout IN_OUT or OUT_IN
   * @return the packed weights
   */
  @SuppressWarnings("exports")
  public static PackedWeights pack(Dispatch dispatch, QTensor weights, WeightLayout layout) {
    return new PackedWeights(dispatch.pack(MatrixWeights.of(weights, layout)));
  }

  /**
   * Packs weights in a block format. For internal use: applications call {@link dev.octet.Octet#pack}.
   *
   * @param dispatch chooses the engine
   * @param weights a matrix of weights
   * @return the packed weights
   */
  @SuppressWarnings("exports")
  public static PackedWeights pack(Dispatch dispatch, BlockTensor weights) {
    return new PackedWeights(dispatch.pack(BlockWeights.of("weights", weights)));
  }

  /**
   * Packs weights of a convolution. For internal use: applications call {@link Conv2d.Builder#pack}.
   *
   * @param dispatch chooses the engine
   * @param weights the weights
   * @param groups the number of groups
   * @param window stride, dilation and padding
   * @return the packed weights
   */
  @SuppressWarnings("exports")
  public static PackedWeights pack(Dispatch dispatch, ConvWeights weights, int groups, Window window) {
    return new PackedWeights(dispatch.pack(weights, groups, window));
  }

  /**
   * Maps a file of packed weights. For internal use: applications call {@link dev.octet.Octet#map}.
   *
   * @param dispatch chooses the engine
   * @param path the path of the file
   * @return the packed weights
   */
  @SuppressWarnings("exports")
  public static PackedWeights map(Dispatch dispatch, Path path) {
    return new PackedWeights(dispatch.map(Objects.requireNonNull(path, "path")));
  }

  /**
   * Loads a file of packed weights. For internal use: applications call {@link dev.octet.Octet#load}.
   *
   * @param dispatch chooses the engine
   * @param path the path of the file
   * @return the packed weights
   */
  @SuppressWarnings("exports")
  public static PackedWeights load(Dispatch dispatch, Path path) {
    return new PackedWeights(dispatch.load(Objects.requireNonNull(path, "path")));
  }

  /**
   * Returns the engine whose kernels read these weights.
   *
   * @return the engine
   */
  public Engine engine() {
    return packed.engine();
  }

  /**
   * Returns the name of the order of the packed bytes. Kernels of the same engine read these weights on every
   * instruction set tier that uses this order.
   *
   * @return the name, for example {@code liboctet-matmul-64x4}
   */
  public String layout() {
    return weights.pack().layout();
  }

  /**
   * Returns the element type of the weights.
   *
   * @return U8, S8, U4 or S4; S8 for weights in a block format, whose integers have 8 bits at most
   */
  public DataType type() {
    return switch (weights) {
      case MatrixWeights matrix -> matrix.type();
      case BlockWeights blocks -> DataType.S8;
    };
  }

  /**
   * Returns the block format of the weights.
   *
   * @return the format; empty for weights of a {@link QTensor}
   */
  public Optional<BlockFormat> blockFormat() {
    return weights instanceof BlockWeights blocks ? Optional.of(blocks.format()) : Optional.empty();
  }

  /**
   * Returns the number of input features; of a convolution the weights of an output channel.
   *
   * @return K
   */
  public int inFeatures() {
    return weights.k();
  }

  /**
   * Returns the number of output features, or output channels.
   *
   * @return N
   */
  public int outFeatures() {
    return weights.n();
  }

  /**
   * Returns the size of the packed weights, which all ops that use them share.
   *
   * @return the size in bytes
   * @throws IllegalStateException if these packed weights are closed
   */
  public long bytes() {
    return opened().pack().content().byteSize();
  }

  /**
   * Writes a file that {@link dev.octet.Octet#map} and {@link dev.octet.Octet#load} read. Its header has
   * format version, engine, layout and a checksum. The file appears when it is complete, with the permissions
   * that the umask of this process grants; processes of other users that may read it share its pages.
   *
   * @param path the path of the file; an existing file is replaced
   * @throws IllegalArgumentException if the path is empty or a root
   * @throws UncheckedIOException if the file cannot be written
   * @throws IllegalStateException if these packed weights are closed
   */
  public void writeTo(Path path) {
    Objects.requireNonNull(path, "path");
    opened();
    try {
      packed.writeTo(path);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Returns the weights that an op is prepared from, for ops that take those of a {@link QTensor}.
   *
   * @throws IllegalArgumentException if they are in a block format
   */
  MatrixWeights matrix() {
    if (opened() instanceof MatrixWeights matrix) {
      return matrix;
    }
    throw new IllegalArgumentException(
        "weights: expected packed weights of a QTensor, got weights in block format "
            + blockFormat().orElseThrow() + "; dynamicMatMul and weightOnlyMatMul take them");
  }

  /** Returns the weights that an op is prepared from. */
  PackableWeights opened() {
    if (closed.get()) {
      throw new IllegalStateException("these packed weights are closed");
    }
    return weights;
  }

  /** Returns what they are, how large, whose, and in which order. */
  @Override
  public String toString() {
    return "packed " + blockFormat().map(BlockFormat::toString).orElse(type().toString()) + " weights, K "
        + inFeatures()
        + ", N " + outFeatures() + ", " + engine() + ", " + layout();
  }

  /**
   * Closes these packed weights. Prepared ops keep the memory alive; it is freed with the last of them. Has
   * no effect when called again.
   */
  @Override
  public void close() {
    closed.set(true);
    cleanable.clean();
  }
}

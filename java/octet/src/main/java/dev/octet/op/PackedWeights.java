package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.QTensor;
import dev.octet.WeightLayout;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Packed;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner.Cleanable;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Weights of a product, packed once: for any number of ops and Octets of the same engine and instruction set
 * tier in this process and, through a file that is mapped read-only, for any number of processes, which then
 * share the pages and start without packing. Made by {@link dev.octet.Octet#pack},
 * {@link dev.octet.Octet#map} and {@link dev.octet.Octet#load}.
 *
 * <p>
 * Weights with scales per tensor or per channel are packed for {@link MatMul} and {@link DynamicMatMul}; with
 * scales per group for {@link DynamicMatMul} and {@link WeightOnlyMatMul}.
 *
 * <p>
 * Immutable; any number of threads may prepare ops from it. An op that was prepared keeps the memory, so that
 * this may be closed at any time; what nobody closes is freed when it is unreachable.
 */
public final class PackedWeights implements AutoCloseable {
  private final Packed packed;
  private final MatrixWeights weights;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Cleanable cleanable;

  private PackedWeights(Packed packed) {
    this.packed = packed;
    this.weights = packed.weights();
    this.cleanable = Dispatch.releaseWith(this, weights.pack());
  }

  /**
   * For {@link dev.octet.Octet}.
   *
   * @param dispatch finds the engine
   * @param weights the weights
   * @param layout IN_OUT or OUT_IN
   * @return the packed weights
   */
  @SuppressWarnings("exports")
  public static PackedWeights pack(Dispatch dispatch, QTensor weights, WeightLayout layout) {
    return new PackedWeights(dispatch.pack(MatrixWeights.of(weights, layout)));
  }

  /**
   * For {@link dev.octet.Octet}.
   *
   * @param dispatch finds the engine
   * @param path the file
   * @return the packed weights
   */
  @SuppressWarnings("exports")
  public static PackedWeights map(Dispatch dispatch, Path path) {
    return new PackedWeights(dispatch.map(Objects.requireNonNull(path, "path")));
  }

  /**
   * For {@link dev.octet.Octet}.
   *
   * @param dispatch finds the engine
   * @param path the file
   * @return the packed weights
   */
  @SuppressWarnings("exports")
  public static PackedWeights load(Dispatch dispatch, Path path) {
    return new PackedWeights(dispatch.load(Objects.requireNonNull(path, "path")));
  }

  /**
   * The engine whose kernels read these weights.
   *
   * @return the engine
   */
  public Engine engine() {
    return packed.engine();
  }

  /**
   * The order of the packed bytes: kernels of the same engine read it on every tier that names the same one.
   *
   * @return for example {@code liboctet-matmul-64x4}
   */
  public String layout() {
    return weights.pack().layout();
  }

  /**
   * The type of the weights.
   *
   * @return U8, S8, U4 or S4
   */
  public DataType type() {
    return weights.type();
  }

  /**
   * Input features.
   *
   * @return K
   */
  public int inFeatures() {
    return weights.k();
  }

  /**
   * Output features.
   *
   * @return N
   */
  public int outFeatures() {
    return weights.n();
  }

  /**
   * Memory that the packed weights take, once for all ops that share them.
   *
   * @return bytes
   * @throws IllegalStateException if this is closed
   */
  public long bytes() {
    return opened().pack().content().byteSize();
  }

  /**
   * Writes a file that {@link dev.octet.Octet#map} and {@link dev.octet.Octet#load} read: layout version,
   * engine, layout and a checksum are in its header. The file appears when it is complete, with the
   * permissions that the umask of this process leaves: processes of other users share its pages if they may
   * read it.
   *
   * @param path where to; an existing file is replaced
   * @throws UncheckedIOException if it cannot be written
   * @throws IllegalStateException if this is closed
   */
  public void writeTo(Path path) {
    Objects.requireNonNull(path, "path");
    opened();
    packed.writeTo(path);
  }

  /** What an op is prepared from. */
  MatrixWeights opened() {
    if (closed.get()) {
      throw new IllegalStateException("these packed weights are closed");
    }
    return weights;
  }

  /** Lets go of the memory; ops that were prepared keep it. Harmless a second time. */
  @Override
  public void close() {
    closed.set(true);
    cleanable.clean();
  }
}

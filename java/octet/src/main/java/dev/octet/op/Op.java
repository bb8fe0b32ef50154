package dev.octet.op;

import dev.octet.Engine;
import dev.octet.engine.Kernel;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Lifetime;
import dev.octet.internal.dispatch.Prepared;
import java.lang.ref.Cleaner.Cleanable;
import java.lang.ref.Reference;

/**
 * Prepared operation. Immutable and safe for use by multiple threads, which may run it at the same time.
 * Closing an op frees its memory: new runs throw IllegalStateException, running ones finish first. An op that
 * is not closed is freed when its {@link dev.octet.Octet} is closed or when the op is unreachable.
 */
public abstract sealed class Op implements AutoCloseable permits MatMul, FloatRows, BatchMatMul, Convolution,
    ConvTranspose2d, Conv3d, ElementConversion, DynamicQuantize, Requantize, Binary, Lookup, Pool, Concat,
    TransposeImages,
    Pad, Resize, Softmax, LayerNorm, Sgemm, Gelu {
  private final Engine engine;
  private final Kernel kernel;
  private final Lifetime lifetime;
  private final Cleanable cleanable;
  // Read once: a kernel must not be called after close.
  private final String kernelName;
  private final boolean exact;
  private final long packedBytes;

  Op(Prepared<?> prepared) {
    this.engine = prepared.engine();
    this.kernel = prepared.kernel();
    this.lifetime = prepared.lifetime();
    this.cleanable = Dispatch.own(this, lifetime);
    this.kernelName = kernel.name();
    this.exact = kernel.exact();
    this.packedBytes = kernel.packedBytes();
  }

  final int enter() {
    return lifetime.enter();
  }

  /**
   * Ends a run, and keeps this op reachable until then, so that the cleaner cannot close the kernel during
   * the run.
   */
  final void exit(int ticket) {
    try {
      lifetime.exit(ticket);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Returns the engine that runs this op. It never changes.
   *
   * @return the engine
   */
  public final Engine engine() {
    return engine;
  }

  /**
   * Returns the name of the kernel that runs this op: engine, colon, name.
   *
   * @return the name, for example {@code scalar:u8s8_s8} or {@code onednn:brg_matmul:avx512_core_vnni}
   */
  public final String kernel() {
    return kernelName;
  }

  /**
   * Returns whether the results are those of the numerics law, with tolerance 0. For
   * {@link WeightOnlyMatMul}, whose law is an error bound, this is always true.
   *
   * @return false only if {@code allowInexactEpilogue()} was called and the engine makes use of it
   */
  public final boolean exact() {
    return exact;
  }

  /**
   * Returns the size of the memory that this op holds for packed weights, compensation terms and tables.
   *
   * @return the size in bytes, native and heap memory together
   */
  public final long packedBytes() {
    return packedBytes;
  }

  /**
   * Returns the size of the memory that one running call takes from the pool of this op, in addition to its
   * operands.
   *
   * @param rows the number of rows of the call, 0 or more; in a convolution the output rows of all images
   * @return the size in bytes
   * @throws IllegalArgumentException if rows is negative
   * @throws IllegalStateException if this op is closed
   */
  public final long scratchBytes(long rows) {
    if (rows < 0) {
      throw new IllegalArgumentException("rows: expected >= 0, got " + rows);
    }
    int ticket = enter();
    try {
      return kernel.scratchBytes(rows);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Closes this op and frees its memory when the last running call has returned. This method does not wait
   * for running calls, may be called by any thread, and has no effect when called again.
   */
  @Override
  public final void close() {
    cleanable.clean();
  }
}

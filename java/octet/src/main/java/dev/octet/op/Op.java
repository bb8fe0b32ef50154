package dev.octet.op;

import dev.octet.Engine;
import dev.octet.engine.Kernel;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Lifetime;
import dev.octet.internal.dispatch.Prepared;
import java.lang.ref.Cleaner.Cleanable;
import java.lang.ref.Reference;

/**
 * What every prepared op has in common. A prepared op is immutable; any number of threads run it at once.
 * Close it to give its memory back at once, by any thread, while others run it or not: new runs throw
 * IllegalStateException, running ones finish. An op that is not closed is freed with its Octet or when it
 * becomes unreachable.
 */
public abstract sealed class Op implements AutoCloseable permits MatMul, FloatRows, BatchMatMul, Conv2d,
    ElementConversion, DynamicQuantize, Requantize, Binary, Lookup, Pool, Concat {
  private final Engine engine;
  private final Kernel kernel;
  private final Lifetime lifetime;
  private final Cleanable cleanable;
  // Asked once: a kernel must not be touched after close.
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

  /** Also keeps this op reachable until the kernel has returned: the cleaner must not come in between. */
  final void exit(int ticket) {
    try {
      lifetime.exit(ticket);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The engine that runs this op; it never changes.
   *
   * @return the engine
   */
  public final Engine engine() {
    return engine;
  }

  /**
   * The kernel that runs this op: engine, colon, name.
   *
   * @return for example {@code scalar:u8s8_s8} or {@code onednn:brg_matmul:avx512_core_vnni}
   */
  public final String kernel() {
    return kernelName;
  }

  /**
   * Whether results equal the numerics law, tolerance 0.
   *
   * @return false only after {@code allowInexactEpilogue()}
   */
  public final boolean exact() {
    return exact;
  }

  /**
   * Memory held for packed weights, compensation terms and tables.
   *
   * @return bytes, native and heap together
   */
  public final long packedBytes() {
    return packedBytes;
  }

  /**
   * Memory that one running call takes from this op's pool, beside its operands.
   *
   * @param rows the number of rows of the call; output rows of all images in a convolution
   * @return bytes
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

  /** Frees this op, see the class comment. Harmless a second time. */
  @Override
  public final void close() {
    cleanable.clean();
  }
}

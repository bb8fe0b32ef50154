package dev.octet.internal.vector.common;

import dev.octet.engine.BackendContext;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.parallel.Workers;

/**
 * What the ops of one Octet share: threads, and the arrays that running tiles pass through, which are of one
 * size for all ops, so that a network of many layers has them once for each thread and not for each layer.
 */
public final class VectorContext {
  public final Workers workers;
  public final StatePool<Scratch> scratch = new StatePool<>(Scratch::new);
  public final StatePool<ConvScratch> images = new StatePool<>(ConvScratch::new);

  public VectorContext(BackendContext context) {
    this.workers = context.workers();
  }
}

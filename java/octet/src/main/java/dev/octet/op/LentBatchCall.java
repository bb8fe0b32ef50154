package dev.octet.op;

import dev.octet.engine.BatchMatMulCall;
import dev.octet.internal.call.StatePool;

/** The call of a running kernel, kept for the next run, so that a run allocates nothing. */
final class LentBatchCall extends StatePool.State {
  final BatchMatMulCall call = new BatchMatMulCall();

  @Override
  protected void clear() {
    call.clear();
  }
}

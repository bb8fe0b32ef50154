package dev.octet.testing;

import dev.octet.Engine;

/**
 * The one refusal that depends on the values of the weights: on a CPU without VNNI, engine ONEDNN in its
 * split form takes no weights whose sums could pass 2^24. A case that is refused so is counted, not judged.
 */
final class Beyond24Bits {
  private Beyond24Bits() {}

  /** Whether an engine refused weights for that reason, on a CPU where it may. */
  static boolean isRefused(Engine engine, UnsupportedOperationException e) {
    return engine == Engine.ONEDNN && !Judge.VNNI && e.getMessage().contains("24 bits");
  }
}

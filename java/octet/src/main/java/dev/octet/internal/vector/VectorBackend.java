package dev.octet.internal.vector;

import dev.octet.engine.Backend;

/** Engine VECTOR at work for one Octet. */
final class VectorBackend implements Backend {
  @Override
  public String describe() {
    return Form.describe();
  }
}

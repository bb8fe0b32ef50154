package dev.octet.internal.vector;

import dev.octet.Engine;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;

/** Engine VECTOR: there wherever Java is. */
public final class VectorProvider implements EngineProvider {
  /** One is enough. */
  public VectorProvider() {}

  @Override
  public Engine engine() {
    return Engine.VECTOR;
  }

  @Override
  public Backend open(BackendContext context) {
    return new VectorBackend(context);
  }
}

package dev.octet.onednn;

import dev.octet.Engine;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.engine.EngineUnavailableException;
import dev.octet.internal.ffm.LibraryUnavailableException;

/** Engine ONEDNN for the service loader. */
public final class OneDnnProvider implements EngineProvider {
  /** For the service loader. */
  public OneDnnProvider() {}

  @Override
  public Engine engine() {
    return Engine.ONEDNN;
  }

  @Override
  public Backend open(BackendContext context) throws EngineUnavailableException {
    Int8Rule rule = Int8Rule.fromProperties();
    try {
      return new OneDnnBackend(DnnlLibrary.get(), context, rule);
    } catch (LibraryUnavailableException e) {
      throw new EngineUnavailableException(e.getMessage(), e.getCause() == null ? e : e.getCause());
    }
  }
}

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
    try {
      return new OneDnnBackend(DnnlLibrary.get(), context, Int8Rule.fromProperties());
    } catch (LibraryUnavailableException e) {
      throw new EngineUnavailableException(e.getMessage(), e.getCause() == null ? e : e.getCause());
    } catch (IllegalArgumentException e) {
      // A property of this engine or of the cache, misspelt: named in the report, thrown where this engine is
      // forced.
      throw new EngineUnavailableException(e.getMessage(), e);
    }
  }
}

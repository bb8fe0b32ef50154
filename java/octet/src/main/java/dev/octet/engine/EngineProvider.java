package dev.octet.engine;

import dev.octet.Engine;

/** How an engine outside of the octet module is found: by {@link java.util.ServiceLoader}. */
public interface EngineProvider {
  /**
   * The engine that this provider makes.
   *
   * @return the engine
   */
  Engine engine();

  /**
   * Loads what the engine needs and makes a backend.
   *
   * @param context what the Octet lends to its engines
   * @return the backend
   * @throws EngineUnavailableException if the engine cannot run here, with the reason and the cause
   */
  Backend open(BackendContext context) throws EngineUnavailableException;
}

package dev.octet.engine;

import dev.octet.Engine;

/** Provider of an engine in another module, found by {@link java.util.ServiceLoader}. */
public interface EngineProvider {
  /**
   * Returns the engine that this provider opens.
   *
   * @return the engine
   */
  Engine engine();

  /**
   * Loads the libraries of the engine and makes a backend.
   *
   * @param context the resources that the Octet lends to its engines
   * @return the backend
   * @throws EngineUnavailableException if the engine cannot run on this machine; the message is the reason
   */
  Backend open(BackendContext context) throws EngineUnavailableException;
}

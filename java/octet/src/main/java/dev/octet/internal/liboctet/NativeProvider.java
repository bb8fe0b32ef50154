package dev.octet.internal.liboctet;

import dev.octet.Engine;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.engine.EngineUnavailableException;

/** Engine NATIVE: there where liboctet loads. */
public final class NativeProvider implements EngineProvider {
  /** One is enough. */
  public NativeProvider() {}

  @Override
  public Engine engine() {
    return Engine.NATIVE;
  }

  @Override
  public Backend open(BackendContext context) throws EngineUnavailableException {
    Cpu cpu = Cpu.get();
    if (cpu.failure() != null) {
      throw new EngineUnavailableException(cpu.failure().getMessage(), cpu.failure());
    }
    return new NativeBackend(context);
  }
}

package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.internal.liboctet.NativeProvider;
import dev.octet.internal.scalar.ScalarBackend;
import dev.octet.internal.vector.VectorProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The engines that can be found, whether or not they can run.
 *
 * @param found all providers, those of this module first
 * @param broken what was found but is no working provider
 */
record Providers(List<EngineProvider> found, List<Throwable> broken) {
  /** A service file can name many classes that do not load; the first ones tell the story. */
  private static final int MOST_BROKEN = 16;

  /** Engines inside this module. */
  static final class Scalar implements EngineProvider {
    @Override
    public Engine engine() {
      return Engine.SCALAR;
    }

    @Override
    public Backend open(BackendContext context) {
      return new ScalarBackend();
    }
  }

  /**
   * Looks on the module path and the class path. By the loader of this class and not that of the thread: a
   * provider of another loader's Octet would implement another EngineProvider.
   */
  static Providers find() {
    return find(List.of(new NativeProvider(), new VectorProvider(), new Scalar()),
        ServiceLoader.load(EngineProvider.class, Providers.class.getClassLoader()).iterator());
  }

  static Providers find(List<EngineProvider> inside, Iterator<EngineProvider> others) {
    List<EngineProvider> found = new ArrayList<>(inside);
    List<Throwable> broken = new ArrayList<>();
    while (broken.size() < MOST_BROKEN) {
      try {
        if (!others.hasNext()) {
          break;
        }
        EngineProvider provider = others.next();
        Objects.requireNonNull(provider.engine(), () -> provider.getClass().getName() + " names no engine");
        found.add(provider);
      } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
        broken.add(e); // and on: the iterator is past it
      }
    }
    return new Providers(List.copyOf(found), List.copyOf(broken));
  }
}

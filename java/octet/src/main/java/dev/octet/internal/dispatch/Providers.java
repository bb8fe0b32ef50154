package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.internal.jar.JarEntryStream;
import dev.octet.internal.liboctet.NativeProvider;
import dev.octet.internal.scalar.ScalarBackend;
import dev.octet.internal.vector.VectorProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The engines that can be found, whether or not they can run.
 *
 * @param found all providers, those of this module first
 * @param broken what was found but is no working provider
 */
record Providers(List<EngineProvider> found, List<Throwable> broken) {
  /** A service file can name many classes that do not load; the first ones tell the story. */
  private static final int MOST_BROKEN = 16;
  private static final int MOST_NAMES = 100;
  private static final String SERVICE_FILE = "META-INF/services/" + EngineProvider.class.getName();

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
    ClassLoader own = Providers.class.getClassLoader();
    ClassLoader loader = own == null ? ClassLoader.getSystemClassLoader() : own;
    Providers providers = find(List.of(new NativeProvider(), new VectorProvider(), new Scalar()),
        ServiceLoader.load(EngineProvider.class, loader).iterator());
    return providers.broken.stream().anyMatch(Providers::isUnread) ? providers.withUnread(loader) : providers;
  }

  /** Whether ServiceLoader could not read a service file, for which see {@link JarEntryStream}. */
  private static boolean isUnread(Throwable e) {
    return e instanceof ServiceConfigurationError && e.getCause() instanceof IOException;
  }

  /** With the providers of the service files that ServiceLoader could not read. */
  private Providers withUnread(ClassLoader loader) {
    List<EngineProvider> all = new ArrayList<>(found);
    List<Throwable> left = new ArrayList<>(broken);
    left.removeIf(Providers::isUnread);
    try {
      Set<String> names = new LinkedHashSet<>();
      for (URL url : Collections.list(loader.getResources(SERVICE_FILE))) {
        try (BufferedReader lines = new BufferedReader(
            new InputStreamReader(JarEntryStream.open(url, SERVICE_FILE), StandardCharsets.UTF_8))) {
          lines.lines().map(line -> line.replaceFirst("#.*", "").strip()).filter(name -> !name.isEmpty())
              .limit(MOST_NAMES).forEach(names::add);
        }
      }
      found.forEach(provider -> names.remove(provider.getClass().getName()));
      for (String name : names) {
        all.add(Class.forName(name, true, loader).asSubclass(EngineProvider.class).getConstructor()
            .newInstance());
      }
    } catch (IOException | ReflectiveOperationException | RuntimeException | LinkageError e) {
      left.add(e);
    }
    return new Providers(List.copyOf(all), List.copyOf(left));
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

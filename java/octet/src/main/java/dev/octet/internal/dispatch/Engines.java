package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Isa;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.engine.EngineUnavailableException;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.scalar.ScalarBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Executor;

/** Which engines there are here, which are used, and why. */
public final class Engines {
  private Engines() {}

  /**
   * Opens the engines for an Octet.
   *
   * @param forced the engine that the program named, or null: the property octet.engine, or auto
   * @param isa the tier that the program named, or null
   * @param threads the number that the program named, or 0
   * @param executor the caller's, or null
   * @return the dispatch
   */
  public static Dispatch open(Engine forced, Isa isa, int threads, Executor executor) {
    Engine only = forced != null ? forced : engineProperty();
    Workers workers = new CallerOnly();
    BackendContext context = new BackendContext(workers, isa == null ? Isa.BASELINE : isa);
    List<EngineStatus> statuses = new ArrayList<>();
    List<Dispatch.Candidate> candidates = new ArrayList<>();
    for (EngineProvider provider : ServiceLoader.load(EngineProvider.class, Engines.class.getClassLoader())) {
      if (only == null || only == provider.engine()) {
        try {
          Backend backend = provider.open(context);
          candidates.add(new Dispatch.Candidate(provider.engine(), backend));
          statuses.add(new EngineStatus(provider.engine(), true, backend.describe(), null));
        } catch (EngineUnavailableException e) {
          statuses.add(new EngineStatus(provider.engine(), false, e.getMessage(), e.getCause()));
        }
      }
    }
    if (only == null || only == Engine.SCALAR) {
      Backend scalar = new ScalarBackend();
      candidates.add(new Dispatch.Candidate(Engine.SCALAR, scalar));
      statuses.add(new EngineStatus(Engine.SCALAR, true, scalar.describe(), null));
    }
    return new Dispatch(candidates, statuses, workers);
  }

  private static Engine engineProperty() {
    String name = System.getProperty("octet.engine", "auto");
    return name.equalsIgnoreCase("auto") ? null : Engine.named(name);
  }

  /** The report as text. */
  public static String report(Dispatch dispatch) {
    StringBuilder text = new StringBuilder();
    for (EngineStatus status : dispatch.statuses()) {
      text.append(status.engine()).append(status.available() ? ": " : ": not available: ")
          .append(status.detail())
          .append('\n');
    }
    dispatch.notes().forEach(note -> text.append(note).append('\n'));
    return text.toString();
  }
}

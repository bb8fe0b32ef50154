package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Isa;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.engine.EngineUnavailableException;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.ExecutorWorkers;
import dev.octet.internal.parallel.Team;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.scalar.ScalarBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.concurrent.Executor;

/** Which engines there are here, which are used, and why. */
public final class Engines {
  /** Those that {@link FirstUse} is for. */
  private static final Set<Engine> NATIVE_CODE = Set.of(Engine.NATIVE, Engine.ONEDNN);

  private Engines() {}

  /**
   * Opens the engines for an Octet; what the program did not choose comes from the properties.
   *
   * @param engine the engine that the program named, or null
   * @param isa the highest tier that the program named, or null
   * @param threads the number that the program named, or 0
   * @param executor the program's, or null: an own team of threads
   * @return the dispatch
   * @throws IllegalArgumentException if a property has an unknown value
   * @throws UnsupportedOperationException if the engine asked for cannot run here, with the cause
   */
  public static Dispatch open(Engine engine, Isa isa, int threads, Executor executor) {
    return open(Settings.of(engine, isa, threads, executor), Providers.find(), Machine.current());
  }

  /** Checks a number of threads that the program names. */
  public static int checkThreads(int threads) {
    return Settings.checkThreads("threads", threads);
  }

  static Dispatch open(Settings settings, Providers providers, Machine machine) {
    Isa isa = settings.isa() == null ? machine.isa() : machine.isa(settings.isa());
    Workers workers = workers(settings);
    BackendContext context = new BackendContext(workers, isa);
    List<EngineStatus> statuses = new ArrayList<>();
    List<Dispatch.Candidate> candidates = new ArrayList<>();
    try {
      for (Engine engine : order(machine)) {
        if (settings.engine() == null || settings.engine() == engine) {
          statuses.add(open(engine, providers, context, machine, candidates));
        } else {
          statuses
              .add(new EngineStatus(engine, false, "not tried, " + settings.engine() + " was asked for",
                  null));
        }
      }
      if (candidates.isEmpty()) {
        throw unavailable(settings, statuses);
      }
      return new Dispatch(candidates, statuses, facts(settings, machine, isa), workers);
    } catch (Throwable e) {
      closeAfter(e, new Resources(candidates, workers)::close);
      throw e;
    }
  }

  /** The engines, the preferred one first. */
  private static List<Engine> order(Machine machine) {
    return machine.amx()
        ? List.of(Engine.ONEDNN, Engine.NATIVE, Engine.VECTOR, Engine.SCALAR)
        : List.of(Engine.NATIVE, Engine.ONEDNN, Engine.VECTOR, Engine.SCALAR);
  }

  private static Workers workers(Settings settings) {
    if (settings.threads() == 1) {
      return new CallerOnly();
    }
    return settings.executor() == null
        ? new Team(settings.threads())
        : new ExecutorWorkers(settings.executor(), settings.threads());
  }

  /** Opens an engine with the first of its providers that can, which becomes a candidate. */
  private static EngineStatus open(Engine engine, Providers providers, BackendContext context,
      Machine machine, List<Dispatch.Candidate> candidates) {
    EngineStatus failure = null;
    for (EngineProvider provider : providers.found()) {
      if (provider.engine() == engine) {
        EngineStatus status = open(engine, provider, context, machine, candidates);
        if (status.available()) {
          return status;
        }
        failure = failure == null ? status : failure;
      }
    }
    return failure == null ? missing(engine, providers) : failure;
  }

  private static EngineStatus open(Engine engine, EngineProvider provider, BackendContext context,
      Machine machine, List<Dispatch.Candidate> candidates) {
    Backend backend = null;
    try {
      backend = provider.open(context);
      if (isUnproven(engine, machine)) {
        backend = FirstUse.of(engine, machine, backend, new ScalarBackend());
      }
      EngineStatus status = new EngineStatus(engine, true, backend.describe(), null);
      candidates.add(new Dispatch.Candidate(engine, backend));
      return status;
    } catch (EngineUnavailableException e) {
      return new EngineStatus(engine, false, e.getMessage(), e.getCause());
    } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
      // Not what a provider should do; still one engine's failure must not take the others away.
      if (backend != null) {
        closeAfter(e, backend::close);
      }
      return new EngineStatus(engine, false, e.toString(), e);
    }
  }

  private static boolean isUnproven(Engine engine, Machine machine) {
    return (NATIVE_CODE.contains(engine) && machine.unproven() != null)
        || (engine == Engine.NATIVE && FirstUse.isAsked());
  }

  private static void closeAfter(Throwable failure, Runnable close) {
    try {
      close.run();
    } catch (RuntimeException | Error e) {
      if (!failure.equals(e)) {
        failure.addSuppressed(e);
      }
    }
  }

  private static EngineStatus missing(Engine engine, Providers providers) {
    if (engine != Engine.ONEDNN) {
      return new EngineStatus(engine, false, "not part of this version", null);
    }
    if (providers.broken().isEmpty()) {
      return new EngineStatus(engine, false,
          "octet-onednn is neither on the module path nor on the class path",
          null);
    }
    Throwable broken = providers.broken().getFirst();
    return new EngineStatus(engine, false, "no provider could be loaded: " + broken, broken);
  }

  private static UnsupportedOperationException unavailable(Settings settings, List<EngineStatus> statuses) {
    EngineStatus status = statuses.stream().filter(s -> s.engine() == settings.engine()).findFirst()
        .orElseThrow();
    return new UnsupportedOperationException("engine " + status.engine() + ", asked for by "
        + settings.engineFrom() + ", is not available: " + status.detail(), status.cause());
  }

  /** Lines of the report that do not change. */
  private static List<String> facts(Settings settings, Machine machine, Isa isa) {
    List<String> facts = new ArrayList<>();
    facts.add("chosen: "
        + (settings.engine() == null ? "automatically" : "by " + settings.engineFrom()));
    facts.add("tier: " + tier(settings, machine, isa));
    facts.add("threads: " + settings.threads() + (settings.threads() == 1
        ? ", the caller alone"
        : settings.executor() == null
            ? ", the caller and workers of this Octet"
            : ", the caller and the program's executor"));
    facts.add("Java: " + Runtime.version() + ", " + System.getProperty("os.name") + " "
        + System.getProperty("os.arch"));
    Module module = Engines.class.getModule();
    if (!module.isNativeAccessEnabled()) {
      facts.add("native access: not enabled; start Java with --enable-native-access="
          + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
    }
    return facts;
  }

  private static String tier(Settings settings, Machine machine, Isa isa) {
    if (isa != machine.isa()) {
      return name(isa) + ", lowered from " + machine.description();
    }
    return machine.description() + (settings.isa() == null || settings.isa() == isa
        ? ""
        : ", though " + name(settings.isa()) + " was allowed");
  }

  private static String name(Isa isa) {
    return isa.name().toLowerCase(Locale.ROOT);
  }
}

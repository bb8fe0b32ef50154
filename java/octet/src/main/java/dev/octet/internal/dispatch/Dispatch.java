package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.WeightLayout;
import dev.octet.engine.Backend;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.Kernel;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.WeightPack;
import dev.octet.engine.Window;
import dev.octet.internal.pack.PackFile;
import dev.octet.internal.parallel.Workers;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Cleaner.Cleanable;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Finds a kernel for an op among the engines of one Octet, in their order of preference, and sees to it that
 * things are freed in order: a kernel when it was closed and nobody runs it; backends and workers when the
 * Octet was closed and all its kernels are freed. Close is a request that never waits: the last one out
 * frees.
 *
 * <p>
 * What nobody closes is freed when it is unreachable: a kernel with its op; backends and workers with the
 * last of the Octet and its ops, as every op refers to its dispatch.
 */
public final class Dispatch {
  private static final Cleaner CLEANER = Cleaner.create(task -> {
    Thread thread = new Thread(null, task, "octet-cleaner", 0, false);
    thread.setDaemon(true);
    return thread;
  });

  /** Each note is a kind of op that went elsewhere; messages with sizes in them must not pile up for ever. */
  private static final int MAX_NOTES = 64;

  /**
   * An engine that could be opened.
   *
   * @param engine its name
   * @param backend what prepares kernels
   */
  public record Candidate(Engine engine, Backend backend) {}

  private final List<EngineStatus> statuses;
  private final List<String> facts;
  private final Resources resources;
  private final Cleanable cleanable;
  private final Lifetime lifetime;
  /** Of the kernels that are not closed. */
  private final Set<Lifetime> open = ConcurrentHashMap.newKeySet();
  /** Who needs the resources: this dispatch until it is closed, and each kernel until it is freed. */
  private final AtomicInteger holders = new AtomicInteger(1);
  private final Set<String> notes = new LinkedHashSet<>();

  /**
   * Over engines that were opened.
   *
   * @param candidates the engines to ask, first the preferred one; a single one when forced
   * @param statuses every engine with the reason why it is used or not, for the report
   * @param facts more lines for the report
   * @param workers closed with this dispatch
   */
  public Dispatch(List<Candidate> candidates, List<EngineStatus> statuses, List<String> facts,
      Workers workers) {
    this.statuses = List.copyOf(statuses);
    this.facts = List.copyOf(facts);
    this.resources = new Resources(candidates, workers);
    this.lifetime = new Lifetime("this Octet", this::free);
    this.cleanable = CLEANER.register(this, resources::close);
  }

  /** Every engine with the reason why it is used or not. */
  public List<EngineStatus> statuses() {
    return statuses;
  }

  /** The threads of this Octet. */
  public Workers workers() {
    return resources.workers();
  }

  /** Begins a sequence of calls of one thread. */
  public void beginSequence() {
    workers().beginSequence();
  }

  /** Ends a sequence of calls; an IllegalStateException if this thread began none. */
  public void endSequence() {
    workers().endSequence();
  }

  /** Ops that the preferred engine refused, with the reason and where they went instead. */
  public List<String> notes() {
    synchronized (notes) {
      return List.copyOf(notes);
    }
  }

  /** Everything that {@link dev.octet.Octet#report()} says. */
  public String report() {
    StringBuilder text = new StringBuilder();
    Engine first = resources.candidates().getFirst().engine();
    for (EngineStatus status : statuses) {
      text.append(status.engine()).append(": ")
          .append(status.engine() == first
              ? "in use: "
              : status.available() ? "for ops that the others lack: " : "not available: ")
          .append(status.detail());
      if (status.cause() != null && !isTold(status.cause(), status.detail())) {
        text.append(" (").append(status.cause()).append(')');
      }
      text.append('\n');
    }
    facts.forEach(fact -> text.append(fact).append('\n'));
    notes().forEach(note -> text.append(note).append('\n'));
    return text.toString();
  }

  /** Whether a line says already what a cause says. */
  private static boolean isTold(Throwable cause, String detail) {
    String message = cause.getMessage();
    return detail.contains(message == null ? cause.toString() : message);
  }

  /**
   * Asks one engine after the other for a kernel.
   *
   * @param op the name of the op, for messages
   * @param ask makes a kernel or throws UnsupportedOperationException
   * @param <K> the kind of kernel
   * @return the first kernel that was made; closed with this dispatch at the latest
   * @throws UnsupportedOperationException if no engine offers it, with every engine's reason
   * @throws IllegalStateException if the Octet is closed
   */
  public <K extends Kernel> Prepared<K> prepare(String op, Function<Backend, K> ask) {
    return ask(op, (engine, backend, reasons) -> own(op, engine, ask.apply(backend), reasons));
  }

  /**
   * Packs weights by the first engine that offers it.
   *
   * @param weights the weights
   * @return the engine, and the weights as it packed them
   * @throws UnsupportedOperationException if no engine offers it, with every engine's reason
   * @throws IllegalStateException if the Octet is closed
   */
  public Packed pack(MatrixWeights weights) {
    return ask("pack",
        (engine, backend, reasons) -> new Packed(engine, weights.packed(backend.pack(weights))));
  }

  /**
   * Packs weights in a block format by the first engine that offers it.
   *
   * @param weights the weights
   * @return the engine, and the weights as it packed them
   * @throws UnsupportedOperationException if no engine offers it, with every engine's reason
   * @throws IllegalStateException if the Octet is closed
   */
  public Packed pack(BlockWeights weights) {
    return ask("pack",
        (engine, backend, reasons) -> new Packed(engine, weights.packed(backend.pack(weights))));
  }

  /**
   * Packs weights of a convolution by the first engine that offers it.
   *
   * @param weights the weights
   * @param groups the number of groups
   * @param window stride, dilation and padding
   * @return the engine, and the weights as it packed them, as a matrix {@code [O][H * W * I]}
   * @throws UnsupportedOperationException if no engine offers it, with every engine's reason
   * @throws IllegalStateException if the Octet is closed
   */
  public Packed pack(ConvWeights weights, int groups, Window window) {
    double all = (double) weights.height() * weights.width() * weights.inPerGroup();
    if (all > Integer.MAX_VALUE) {
      throw new UnsupportedOperationException(
          "pack: expected windows of up to 2^31 - 1 weights, these have " + (long) all);
    }
    int k = (int) all;
    return ask("pack",
        (engine, backend, reasons) -> new Packed(engine,
            MatrixWeights.packed(backend.pack(weights, groups, window), weights.type(), weights.outIn(),
                WeightLayout.OUT_IN, k, weights.outChannels())));
  }

  /**
   * Maps packed weights that were written to a file.
   *
   * @param path the file
   * @return the engine that reads them, and the weights
   * @throws IllegalArgumentException if it is no such file, of another version, or damaged
   * @throws UncheckedIOException if it cannot be read
   * @throws UnsupportedOperationException if no engine of this Octet reads them, with every engine's reason
   * @throws IllegalStateException if the Octet is closed
   */
  public Packed map(Path path) {
    return packed("map", PackFile.map(path));
  }

  /**
   * Copies packed weights that were written to a file to memory; refuses what {@link #map} refuses.
   *
   * @param path the file
   * @return the engine that reads them, and the weights
   */
  public Packed load(Path path) {
    return packed("load", PackFile.load(path));
  }

  private Packed packed(String op, PackFile.Opened file) {
    PackFile.Header header = file.header();
    try {
      return ask(op, (engine, backend, reasons) -> {
        if (engine != header.engine()) {
          throw new UnsupportedOperationException("these weights are packed for " + header.engine());
        }
        if (header.blocks() != null) {
          WeightPack pack = backend.map(header.layout(), header.blocks(), header.k(), header.n(),
              file.content(),
              file.arena()::close);
          return new Packed(engine, BlockWeights.packed(pack, header.blocks(), header.k(), header.n()));
        }
        WeightPack pack = backend.map(header.layout(), header.type(), header.quantization(), header.k(),
            header.n(), file.content(), file.arena()::close);
        return new Packed(engine, MatrixWeights.packed(pack, header.type(), header.quantization(),
            header.order(), header.k(), header.n()));
      });
    } catch (RuntimeException | Error e) {
      file.arena().close();
      throw e;
    }
  }

  /** What is asked of an engine; an UnsupportedOperationException passes the question on to the next one. */
  @FunctionalInterface
  private interface Question<T> {
    /**
     * Asks.
     *
     * @param reasons why the engines before this one refused
     */
    T ask(Engine engine, Backend backend, String reasons);
  }

  private <T> T ask(String op, Question<T> question) {
    int ticket = lifetime.enter();
    try {
      List<UnsupportedOperationException> refusals = new ArrayList<>();
      StringBuilder reasons = new StringBuilder();
      for (Candidate candidate : resources.candidates()) {
        try {
          return question.ask(candidate.engine(), candidate.backend(), reasons.toString());
        } catch (UnsupportedOperationException e) {
          refusals.add(e);
          reasons.append(reasons.length() > 0 ? "; " : "").append(candidate.engine()).append(": ")
              .append(e.getMessage());
        }
      }
      UnsupportedOperationException none = new UnsupportedOperationException(op + ": " + reasons);
      refusals.forEach(none::addSuppressed);
      throw none;
    } finally {
      lifetime.exit(ticket);
      Reference.reachabilityFence(this); // the cleaner must not close the backend that is being asked
    }
  }

  /** Takes charge of a kernel, or frees it: should memory run out here nobody else knows of it. */
  private <K extends Kernel> Prepared<K> own(String op, Engine engine, K kernel, String refusals) {
    holders.incrementAndGet();
    try {
      if (!refusals.isEmpty()) {
        note(op + " runs on " + engine + ": " + refusals);
      }
      Guard guard = new Guard(op, kernel);
      Prepared<K> prepared = new Prepared<>(engine, kernel, guard.lifetime);
      open.add(guard.lifetime);
      return prepared;
    } catch (Throwable e) {
      Resources.all(List.of(kernel::close, this::release));
      throw e;
    }
  }

  /** A kernel, freed once it is closed and idle. */
  private final class Guard implements Runnable {
    private final Kernel kernel;
    private final Lifetime lifetime;

    Guard(String op, Kernel kernel) {
      this.kernel = kernel;
      this.lifetime = new Lifetime("this " + op, this);
    }

    @Override
    public void run() {
      open.remove(lifetime);
      Resources.all(List.of(kernel::close, Dispatch.this::release));
    }
  }

  /**
   * Frees a kernel when the op that was never closed is unreachable.
   *
   * @param owner the op
   * @param lifetime of its kernel
   * @return the registration, to be cleaned by close
   */
  public static Cleanable own(Object owner, Lifetime lifetime) {
    return CLEANER.register(owner, lifetime::close);
  }

  /**
   * Lets go of packed weights when they are closed, or unreachable.
   *
   * @param owner what is closed
   * @param pack held for the owner
   * @return the registration, to be cleaned by close
   */
  public static Cleanable releaseWith(Object owner, WeightPack pack) {
    return CLEANER.register(owner, pack::release);
  }

  /** Closes every op; frees backends and workers when nothing runs any more. Any number of times. */
  public void close() {
    lifetime.close();
  }

  /** Closed, and no prepare is under way that could add a kernel. */
  private void free() {
    List<Runnable> steps = new ArrayList<>();
    open.forEach(kernel -> steps.add(kernel::close));
    steps.add(this::release);
    Resources.all(steps);
  }

  private void release() {
    if (holders.decrementAndGet() == 0) {
      cleanable.clean();
    }
  }

  private void note(String note) {
    synchronized (notes) {
      if (notes.size() < MAX_NOTES) {
        notes.add(note);
      }
    }
  }
}

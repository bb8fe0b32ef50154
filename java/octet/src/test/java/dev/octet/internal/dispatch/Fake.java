package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.engine.EngineUnavailableException;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.internal.parallel.CallerOnly;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * An engine that computes nothing and watches what is done to it: a kernel that runs when it is closed, that
 * is closed twice or after its backend, is written down in {@link #wrongs}.
 */
class Fake implements EngineProvider, Backend {
  final Queue<String> wrongs = new ConcurrentLinkedQueue<>();
  final AtomicInteger openKernels = new AtomicInteger();
  final AtomicInteger closes = new AtomicInteger();
  private final Engine engine;
  /** What a run does, between looking whether the kernel is open. */
  volatile Consumer<MemorySegment> onRun = x -> {
  };
  /** What happens before a kernel is made. */
  volatile Runnable onPrepare = () -> {
  };
  volatile RuntimeException onKernelClose;
  volatile BackendContext context;
  private volatile boolean closed;

  Fake(Engine engine) {
    this.engine = engine;
  }

  /** A provider of an engine that cannot be opened. */
  static EngineProvider failing(Engine engine, Throwable failure) {
    return new EngineProvider() {
      @Override
      public Engine engine() {
        return engine;
      }

      @Override
      public Backend open(BackendContext context) throws EngineUnavailableException {
        switch (failure) {
          case EngineUnavailableException e -> throw e;
          case RuntimeException e -> throw e;
          case Error e -> throw e;
          default -> throw new AssertionError(failure);
        }
      }
    };
  }

  /** A dispatch over engines, the first one preferred. */
  static Dispatch dispatch(Fake... engines) {
    return new Dispatch(
        Stream.of(engines).map(fake -> new Dispatch.Candidate(fake.engine, (Backend) fake)).toList(),
        List.of(), List.of(), new CallerOnly());
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public Engine engine() {
    return engine;
  }

  @Override
  public Backend open(BackendContext context) {
    this.context = context;
    return this;
  }

  @Override
  public String describe() {
    return "a fake";
  }

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    onPrepare.run();
    check("prepares");
    return new FakeKernel();
  }

  @Override
  public void close() {
    closes.incrementAndGet();
    closed = true;
    if (openKernels.get() != 0) {
      wrongs.add("the backend was closed before " + openKernels.get() + " of its kernels");
    }
  }

  private void check(String what) {
    if (closed) {
      wrongs.add("the backend " + what + " after close");
    }
  }

  /** Does nothing for a while. */
  private final class FakeKernel implements MatMulKernel {
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean kernelClosed;

    FakeKernel() {
      openKernels.incrementAndGet();
    }

    @Override
    public String name() {
      return "fake:matmul";
    }

    @Override
    public void run(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
        MemorySegment dst, long dstStride, int rows) {
      running.incrementAndGet();
      checkOpen();
      onRun.accept(src);
      checkOpen();
      running.decrementAndGet();
    }

    private void checkOpen() {
      if (kernelClosed) {
        wrongs.add("a kernel runs after close");
      }
      check("is used");
    }

    @Override
    public void close() {
      if (kernelClosed) {
        wrongs.add("a kernel was closed twice");
      }
      if (running.get() != 0) {
        wrongs.add("a kernel was closed while it ran");
      }
      kernelClosed = true;
      check("has a kernel closed");
      openKernels.decrementAndGet();
      if (onKernelClose != null) {
        throw onKernelClose;
      }
    }
  }
}

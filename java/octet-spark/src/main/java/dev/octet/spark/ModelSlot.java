package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The model of a spec in this JVM: the one that its files hold now, and former ones as long as tasks run
 * them. Safe for use by threads; those that come while it is prepared wait.
 *
 * @param <M> what is prepared
 */
final class ModelSlot<M> {
  private final ModelSpec<M> spec;
  private final Octet octet;
  private final int threads;
  /** Null before the first one. */
  private Held current;

  ModelSlot(ModelSpec<M> spec, Octet octet, int threads) {
    this.spec = spec;
    this.octet = octet;
    this.threads = threads;
  }

  /**
   * A model that is ready, until it is given back.
   *
   * @param model runs on the thread of its caller, and on helpers where a task has several cores
   * @param engine that it runs on
   * @param release gives it back, once
   */
  record Lease<M>(M model, Engine engine, Runnable release) {}

  /** A model, and how many run it. */
  private final class Held {
    final M model;
    final List<FileStamp> files;
    int users;

    Held(M model, List<FileStamp> files) {
      this.model = model;
      this.files = files;
    }
  }

  /** The model that the files hold now. */
  synchronized Lease<M> lease() {
    // before they are read: what is written meanwhile is seen by the next task
    List<FileStamp> files = spec.files().stream().map(FileStamp::of).toList();
    if (current == null || !current.files.equals(files)) {
      Held former = current;
      current = new Held(spec.prepare(octet, threads), files);
      if (former != null && former.users == 0) {
        spec.close(former.model);
      }
    }
    Held held = current;
    held.users++;
    AtomicBoolean released = new AtomicBoolean();
    return new Lease<>(held.model, engine(), () -> {
      if (released.compareAndSet(false, true)) {
        release(held);
      }
    });
  }

  private synchronized void release(Held held) {
    held.users--;
    if (held.users == 0 && held != current) {
      spec.close(held.model);
    }
  }

  private Engine engine() {
    return octet.engines().stream().filter(EngineStatus::available).findFirst().orElseThrow().engine();
  }
}

package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

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
    /** Those of the spec, and behind them those with data. */
    final List<FileStamp> files;
    final List<Path> dataFiles;
    int users;

    /** Files are looked at before they are read: what is written meanwhile is seen by the next task. */
    Held() {
      List<FileStamp> own = FileStamp.of(spec.files());
      dataFiles = spec.dataFiles();
      files = Stream.concat(own.stream(), FileStamp.of(dataFiles).stream()).toList();
      model = spec.prepare(octet, threads);
    }

    List<FileStamp> filesNow() {
      return FileStamp.of(Stream.concat(spec.files().stream(), dataFiles.stream()).toList());
    }
  }

  /**
   * The model that the files hold now; the one that is prepared as long as one of them is missing or cannot
   * be looked at.
   *
   * @throws RuntimeException of {@link ModelSpec#prepare}, if files that are there give no model
   */
  synchronized Lease<M> lease() {
    if (current == null) {
      current = new Held();
    } else if (isReplaced(current.filesNow())) {
      replace();
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

  private boolean isReplaced(List<FileStamp> now) {
    return now.stream().allMatch(FileStamp::isKnown) && !now.equals(current.files);
  }

  private void replace() {
    Held former = current;
    try {
      current = new Held();
    } catch (RuntimeException e) {
      if (isReplaced(current.filesNow())) {
        throw e;
      }
      return; // one of them has vanished since it was looked at
    }
    if (former.users == 0) {
      spec.close(former.model);
    }
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

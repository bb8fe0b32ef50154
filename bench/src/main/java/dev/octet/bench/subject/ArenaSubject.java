package dev.octet.bench.subject;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A subject whose operands lie in an arena of its own; ready once it was told what runs. */
abstract class ArenaSubject implements Subject {
  /** Of the thread that opened the subject. */
  final Arena arena = Arena.ofConfined();
  private MemorySegment output;
  private String kernel;
  private Runnable body;

  /** Tells what runs, by its name, and writes the output. */
  final void ready(String name, MemorySegment written, Runnable work) {
    kernel = name;
    output = written;
    body = work;
  }

  @Override
  public final void run() {
    body.run();
  }

  @Override
  public final String kernel() {
    return kernel;
  }

  @Override
  public final MemorySegment output() {
    return output;
  }

  @Override
  public void close() {
    arena.close();
  }
}

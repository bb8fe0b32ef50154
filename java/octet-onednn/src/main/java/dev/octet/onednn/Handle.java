package dev.octet.onednn;

import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** An object that oneDNN made for us and that we destroy, once; what it is follows from who destroys it. */
final class Handle implements Resource {
  /** The C function that destroys the object. */
  @FunctionalInterface
  interface Destroyer {
    void destroy(Handle handle);
  }

  private final MemorySegment pointer;
  private final String description;
  private final Destroyer destroyer;
  private final AtomicBoolean closed = new AtomicBoolean();

  Handle(MemorySegment pointer, String description, Destroyer destroyer) {
    this.pointer = pointer;
    this.description = description;
    this.destroyer = destroyer;
  }

  /** The C pointer; a plain address without a lifetime of its own. */
  MemorySegment pointer() {
    return pointer;
  }

  /** Destroys the object; harmless a second time. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      destroyer.destroy(this);
    }
  }

  /** What it is, for messages. */
  @Override
  public String toString() {
    return description;
  }
}

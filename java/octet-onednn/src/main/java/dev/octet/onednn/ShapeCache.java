package dev.octet.onednn;

import dev.octet.internal.ffm.Resource;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * What was compiled for shapes that came at run time; bounded, the least recently used one goes first, when
 * nobody runs it any more. Finding an entry takes no lock and allocates nothing: the entries are few, so a
 * scan over an array does.
 *
 * @param <V> what is compiled for a shape
 */
final class ShapeCache<V extends Resource> implements Resource {
  /** A compiled shape, counted: one use is the cache's own. */
  static final class Entry<V extends Resource> {
    private final long shape;
    private final V value;
    private final AtomicInteger uses = new AtomicInteger(1);
    private volatile long lastUse;

    private Entry(long shape, V value) {
      this.shape = shape;
      this.value = value;
    }

    V value() {
      return value;
    }

    private boolean retain() {
      int n = uses.get();
      while (n > 0 && !uses.compareAndSet(n, n + 1)) {
        n = uses.get();
      }
      return n > 0;
    }

    private void release() {
      if (uses.decrementAndGet() == 0) {
        value.close();
      }
    }
  }

  private final int capacity;
  private final LongFunction<V> maker;
  private volatile Entry<V>[] entries = emptyArray();
  /** Advances with each compilation, under its lock: entries used since the same one are equally recent. */
  private volatile long clock;

  /**
   * An empty cache.
   *
   * @param capacity how many shapes are kept
   * @param maker compiles a shape
   */
  ShapeCache(int capacity, LongFunction<V> maker) {
    this.capacity = capacity;
    this.maker = maker;
  }

  /** Finds or compiles a shape; the caller releases the entry. */
  Entry<V> acquire(long shape) {
    Entry<V> entry = find(shape);
    return entry != null ? entry : compile(shape);
  }

  /** Gives back what acquire returned. */
  void release(Entry<V> entry) {
    entry.release();
  }

  /** How many shapes are held. */
  int size() {
    return entries.length;
  }

  private Entry<V> find(long shape) {
    for (Entry<V> entry : entries) {
      if (entry.shape == shape && entry.retain()) {
        long now = clock;
        if (entry.lastUse != now) {
          entry.lastUse = now;
        }
        return entry;
      }
    }
    return null;
  }

  private synchronized Entry<V> compile(long shape) {
    Entry<V> made = find(shape);
    if (made != null) {
      return made;
    }
    made = new Entry<>(shape, maker.apply(shape));
    made.uses.incrementAndGet();
    // Later than what was used before, earlier than what will be.
    made.lastUse = clock + 1;
    clock = made.lastUse + 1;
    Entry<V>[] old = entries;
    if (old.length < capacity) {
      Entry<V>[] more = Arrays.copyOf(old, old.length + 1);
      more[old.length] = made;
      entries = more;
      return made;
    }
    int oldest = 0;
    for (int i = 1; i < old.length; i++) {
      if (old[i].lastUse < old[oldest].lastUse) {
        oldest = i;
      }
    }
    Entry<V>[] others = old.clone();
    others[oldest] = made;
    entries = others;
    old[oldest].release();
    return made;
  }

  /** Closes every entry; none may be in use, and none acquired after. */
  @Override
  public synchronized void close() {
    Entry<V>[] all = entries;
    entries = emptyArray();
    for (Entry<V> entry : all) {
      entry.release();
    }
  }

  @SuppressWarnings("unchecked")
  private static <V extends Resource> Entry<V>[] emptyArray() {
    return (Entry<V>[]) new Entry<?>[0];
  }
}

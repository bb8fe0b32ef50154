package dev.octet.onednn;

import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A product with fixed weights that oneDNN does from end to end, source to result. Compiled for exactly the
 * numbers of rows that come, as many as are used at once are kept. Immutable; any number of threads.
 *
 * <p>
 * The columns are cut into as many panels as there are threads to share them: one, where the caller is alone.
 */
final class WholeProduct implements Resource {
  /** Columns of a panel come in multiples of oneDNN's own blocks. */
  private static final int COLUMNS = 64;
  private static final int SHAPES = 32;

  /** What belongs to a product beside source, weights and result. */
  interface Extras {
    /** The attributes; the caller closes them. */
    Handle attributes();

    /** Whether there is a bias, F32, one a column. */
    boolean isBiased();

    /**
     * Bias, scales and zero points of some columns.
     *
     * @param owner closes what is made
     * @param first the first column
     * @param columns how many
     */
    Execution.Fixed[] arguments(Group owner, int first, int columns);

    /**
     * Looks at what oneDNN would run.
     *
     * @throws UnsupportedOperationException if it may not
     */
    void accept(String implementation);
  }

  /**
   * Source, weights and result.
   *
   * @param srcType of the source, dense rows of inner elements
   * @param weightsType of the weights
   * @param dstType of the result
   * @param dstBytes of an element of it
   * @param inner the number of products that are summed
   * @param n columns of the result, whose rows are dense
   */
  record Shape(int srcType, int weightsType, int dstType, int dstBytes, int inner, int n) {}

  private final Shape shape;
  private final Extras extras;
  private final Group resources = new Group();
  private final List<Panel> panels = new ArrayList<>();
  private final String implementation;
  private final long bytes;

  /**
   * Packs weights.
   *
   * @param shape types and sizes
   * @param extras attributes and their arguments
   * @param plain where the weights lie, and what keeps them there until this returns
   * @param rowStride elements from one row of the weights to the next
   * @param columnStride elements from one column of the weights to the next
   * @param threads how many share a call
   * @param rows the number of rows that the packed format is chosen for; others run too
   */
  WholeProduct(Shape shape, Extras extras, NativeMemory plain, long rowStride, long columnStride, int threads,
      int rows) {
    this.shape = shape;
    this.extras = extras;
    long elementBytes = shape.weightsType() == Dnnl.F32 ? Float.BYTES : 1;
    int width = Math.ceilDiv(Math.ceilDiv(shape.n(), threads), COLUMNS) * COLUMNS;
    try {
      long packed = 0;
      for (int first = 0; first < shape.n(); first += width) {
        int columns = Math.min(width, shape.n() - first);
        // A part of wider rows is made dense: oneDNN 3.13 packs no other for sources with a zero point.
        boolean cut = columnStride == 1 && columns < rowStride;
        try (NativeMemory part = cut
            ? columns(plain, elementBytes * rowStride, shape.inner(), first * elementBytes,
                columns * elementBytes)
            : null;
            Handle plainDesc = Dnnl.stridedDesc(shape.weightsType(), new long[]{shape.inner(), columns},
                new long[]{cut ? columns : rowStride, columnStride});
            Handle memory = Dnnl.memory(plainDesc,
                cut ? part.address() : plain.address() + elementBytes * first * columnStride)) {
          Panel panel = resources.add(new Panel(first, columns, plainDesc, memory, rows));
          panels.add(panel);
          packed += panel.bytes;
        }
      }
      bytes = packed;
      implementation = panels.getFirst().implementation;
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Some bytes of each row, without what lies between them; the caller closes it. */
  private static NativeMemory columns(NativeMemory plain, long rowBytes, int rows, long first, long bytes) {
    NativeMemory dense = NativeMemory.allocate(rows * bytes);
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(plain.segment(), row * rowBytes + first, dense.segment(), row * bytes, bytes);
    }
    return dense;
  }

  /** What oneDNN would run for all columns together. */
  static String implementation(Shape shape, Extras extras, int rows) {
    try (Handle any = Dnnl.desc(shape.weightsType(), Dnnl.TAG_ANY, shape.inner(), shape.n());
        Handle description = describe(shape, extras, any, shape.n(), rows)) {
      return Dnnl.implementation(description);
    }
  }

  private static Handle describe(Shape shape, Extras extras, Handle weightsDesc, int columns, long rows) {
    try (Handle src = Dnnl.desc(shape.srcType(), Dnnl.TAG_AB, rows, shape.inner());
        Handle dst = Dnnl.stridedDesc(shape.dstType(), new long[]{rows, columns}, new long[]{shape.n(), 1});
        Handle bias = extras.isBiased() ? Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, 1, columns) : null;
        Handle attributes = extras.attributes()) {
      return Dnnl.matMul(src, weightsDesc, bias, dst, attributes);
    }
  }

  /** Some columns of the weights, and what was compiled for them by the number of rows. */
  private final class Panel implements Resource {
    private final Group owned = new Group();
    private final int first;
    private final int columns;
    private final String implementation;
    private final Handle anyDesc;
    private final Handle packedDesc;
    private final Handle weights;
    private final long bytes;
    private final Execution.Fixed[] arguments;
    private final ShapeCache<Runner> compiled = owned.add(new ShapeCache<>(SHAPES, this::compile));

    Panel(int first, int columns, Handle plainDesc, Handle plain, int rows) {
      this.first = first;
      this.columns = columns;
      anyDesc = owned.add(Dnnl.desc(shape.weightsType(), Dnnl.TAG_ANY, shape.inner(), columns));
      try (Handle description = describe(shape, extras, anyDesc, columns, rows)) {
        implementation = Dnnl.implementation(description);
        extras.accept(implementation);
        packedDesc = owned.add(Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS));
        NativeMemory packed = owned.add(NativeMemory.allocate(Dnnl.size(packedDesc)));
        bytes = packed.bytes();
        weights = owned.add(Dnnl.memory(packedDesc, packed.address()));
        Packing.reorder(plainDesc, plain, packedDesc, weights);
        arguments = extras.arguments(owned, first, columns);
        compiled.release(compiled.acquire(rows));
      } catch (RuntimeException | Error e) {
        owned.close();
        throw e;
      }
    }

    /** In the format that oneDNN likes best for so many rows, if it is the one that the weights have. */
    private Runner compile(long rows) {
      try (Handle description = describe(shape, extras, anyDesc, columns, rows);
          Handle liked = Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS)) {
        if (Dnnl.equal(liked, packedDesc)) {
          return runner(description);
        }
      }
      try (Handle description = describe(shape, extras, packedDesc, columns, rows)) {
        return runner(description);
      }
    }

    private Runner runner(Handle description) {
      extras.accept(Dnnl.implementation(description));
      return new Runner(description, weights, arguments);
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /** oneDNN's name for the code that runs. */
  String implementation() {
    return implementation;
  }

  /** Memory of the packed weights. */
  long bytes() {
    return bytes;
  }

  /** The number of panels. */
  int panels() {
    return panels.size();
  }

  /** The first column of a panel; one behind the last of all panels. */
  int firstColumn(int panel) {
    return panel == panels.size() ? shape.n() : panels.get(panel).first;
  }

  /**
   * What one thread at a time needs to multiply. It holds on to what was compiled for the last number of
   * rows: finding and borrowing that for each call would be four atomic operations more.
   */
  final class Lane implements Resource {
    private final Held[] held = new Held[panels.size()];

    /** Of a panel, for a number of rows. */
    private record Held(ShapeCache<Runner> from, int rows, ShapeCache.Entry<Runner> entry,
        Runner.State state) implements Resource {
      static Held of(ShapeCache<Runner> from, int rows) {
        ShapeCache.Entry<Runner> entry = from.acquire(rows);
        try {
          return new Held(from, rows, entry, entry.value().take());
        } catch (RuntimeException | Error e) {
          from.release(entry);
          throw e;
        }
      }

      @Override
      public void close() {
        entry.value().give(state);
        from.release(entry);
      }
    }

    /**
     * Multiplies some rows with a panel, on the calling thread.
     *
     * @param panel the panel
     * @param rows 1 or more
     * @param src the address of the rows
     * @param dst the address of the results' first row, all panels together
     * @param keep what keeps the rows alive, or NULL
     * @param keepToo what keeps the results alive, or NULL
     */
    void run(int panel, int rows, long src, long dst, MemorySegment keep, MemorySegment keepToo) {
      Panel p = panels.get(panel);
      Held h = held[panel];
      if (h == null || h.rows != rows) {
        h = borrow(panel, rows);
      }
      h.state.run(src, dst + (long) p.first * shape.dstBytes(), keep, keepToo);
    }

    private Held borrow(int panel, int rows) {
      Held old = held[panel];
      held[panel] = null;
      if (old != null) {
        old.close();
      }
      Held now = Held.of(panels.get(panel).compiled, rows);
      held[panel] = now;
      return now;
    }

    @Override
    public void close() {
      for (Held h : held) {
        if (h != null) {
          h.close();
        }
      }
    }
  }

  /** No lane may be in use or open. */
  @Override
  public void close() {
    resources.close();
  }
}

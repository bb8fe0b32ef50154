package dev.octet.onednn;

import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Rows of unsigned bytes times fixed signed weights, as 32-bit accumulators: what oneDNN does for us,
 * exactly. Immutable; any number of threads, each with a {@link Lane} of its own.
 *
 * <p>
 * The columns are cut into panels, each packed for itself. A caller goes through panels outside and blocks of
 * rows inside: a panel's weights and a block's accumulators then stay in the L2 cache, whereas all weights
 * together, above some 2 MB, would come from the L3 cache for every block again, and all accumulators would
 * go to memory and back.
 *
 * <p>
 * Where oneDNN would not keep the lowest bits of a sum, K is cut into pieces, see {@link ExactSums}, whose
 * accumulators are added up here.
 *
 * <p>
 * oneDNN sees inner sizes rounded up to 4 and columns rounded up to 16, with weights of 0 there: sizes for
 * which all its fast implementations are made. Bytes that a source row has too many may hold anything.
 */
final class IntProduct implements Resource {
  /** Products of four bytes are summed by one instruction. */
  private static final int INNER = 4;
  /** 32-bit lanes of the widest register. */
  private static final int LANES = 16;
  private static final int COLUMNS = 64;
  private static final int MAX_COLUMNS = 768;
  private static final int MIN_COLUMNS = 256;
  /**
   * Of the L2 cache (1 to 2 MB where there is VNNI), for the weights of a panel and for the accumulators of a
   * block.
   */
  private static final int WEIGHT_BYTES = 640 << 10;
  private static final int ACCUMULATOR_BYTES = 192 << 10;
  /** For the source rows of a block, twice that for those that a tile prepares at once. */
  private static final int SOURCE_BYTES = 512 << 10;
  static final int MAX_ROWS = 256;

  private final int k;
  private final int n;
  private final SourceRows.Form source;
  private final Int8Rule.Form form;
  /** Whether sums are so small that any implementation keeps them. */
  private final boolean bounded;
  private final boolean narrow;
  private final int blockIndex;
  private final List<Panel> panels = new ArrayList<>();
  private final List<Width> widths = new ArrayList<>();
  private final Group resources = new Group();

  /** Some columns of the weights. */
  private record Panel(int first, int columns, Width width, List<Handle> pieces, long bytes) {}

  /**
   * Packs weights.
   *
   * @param rule which implementations may run
   * @param what the op, for messages
   * @param signed the weights, {@code [K][N]} dense; read now only
   * @param k rows of the weights
   * @param n columns of the weights
   * @param threads how many will share a call: there are as many panels at least, where there are columns
   *        enough
   * @throws UnsupportedOperationException if oneDNN has no implementation that may run
   */
  IntProduct(Int8Rule rule, String what, MemorySegment signed, int k, int n, int threads) {
    this.k = k;
    this.n = n;
    int padded = roundUp(k, INNER);
    int columns = panelColumns(padded, n, threads);
    int widest = roundUp(Math.min(n, columns), LANES);
    this.blockIndex = RowCounts
        .index(Math.clamp(Math.min(ACCUMULATOR_BYTES / 4 / widest, SOURCE_BYTES / padded), 1, MAX_ROWS));
    try {
      // A first look at what oneDNN would run: it depends on the CPU, hardly on sizes.
      String implementation = implementation(what, RowCounts.rows(blockIndex), padded, widest);
      this.form = rule.form(implementation, what);
      this.narrow = form == Int8Rule.Form.SPLIT && Int8Rule.isNarrow(signed, (long) k * n);
      this.bounded = !ExactSums.keeps(implementation);
      int piece = bounded ? ExactSums.piece(signed, k, n, INNER) : padded;
      this.source = new SourceRows.Form(k, Math.ceilDiv(k, piece), piece,
          form == Int8Rule.Form.SPLIT && !narrow, RowCounts.rows(blockIndex));
      for (int first = 0; first < n; first += columns) {
        panels.add(pack(rule, what, signed, first, Math.min(columns, n - first)));
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private static int panelColumns(int inner, int n, int threads) {
    int fitting = Math.clamp(roundUp(WEIGHT_BYTES / inner, COLUMNS), MIN_COLUMNS, MAX_COLUMNS);
    int panels = Math.max(Math.ceilDiv(n, fitting), Math.min(threads, Math.ceilDiv(n, COLUMNS)));
    return roundUp(Math.ceilDiv(n, panels), COLUMNS);
  }

  /** The form in which a product of some size would be exact. */
  static Int8Rule.Form form(Int8Rule rule, String what, int rows, int inner, int columns) {
    return rule.form(implementation(what, rows, inner, columns), what);
  }

  private static String implementation(String what, int rows, int inner, int columns) {
    try (Handle any = Dnnl.desc(Dnnl.S8, Dnnl.TAG_ANY, inner, columns);
        Handle description = describe(rows, inner, inner, any, columns)) {
      return Dnnl.implementation(description);
    } catch (DnnlException e) {
      throw e.orUnsupported(what);
    }
  }

  private Panel pack(Int8Rule rule, String what, MemorySegment signed, int first, int columns) {
    int wide = roundUp(columns, LANES);
    Width width = width(rule, what, wide);
    List<Handle> pieces = new ArrayList<>();
    long bytes = 0;
    try (NativeMemory plain = NativeMemory.allocate((long) source.pieceBytes() * wide);
        Handle plainDesc = Dnnl.desc(Dnnl.S8, Dnnl.TAG_AB, source.pieceBytes(), wide);
        Handle plainMemory = Dnnl.memory(plainDesc, plain.address())) {
      for (int from = 0; from < k; from += source.piece()) {
        plain.segment().fill((byte) 0);
        for (int row = from; row < Math.min(k, from + source.piece()); row++) {
          MemorySegment.copy(signed, (long) row * n + first, plain.segment(), (long) (row - from) * wide,
              columns);
        }
        if (source.doubled()) {
          Halves.split(plain.segment(), 0, plain.bytes() / 2, plain.bytes() / 2);
        }
        NativeMemory packed = resources.add(NativeMemory.allocate(Dnnl.size(width.weights)));
        Handle memory = resources.add(Dnnl.memory(width.weights, packed.address()));
        Packing.reorder(plainDesc, plainMemory, width.weights, memory);
        pieces.add(memory);
        bytes += packed.bytes();
      }
    }
    return new Panel(first, columns, width, List.copyOf(pieces), bytes);
  }

  private Width width(Int8Rule rule, String what, int columns) {
    for (Width width : widths) {
      if (width.columns == columns) {
        return width;
      }
    }
    Width width = resources.add(new Width(rule, what, columns, widths.size()));
    widths.add(width);
    return width;
  }

  /** A product of rows of inner bytes, each stride bytes behind the one before it. */
  static Handle describe(int rows, int inner, int stride, Handle weights, int columns) {
    try (Handle src = Dnnl.stridedDesc(Dnnl.U8, new long[]{rows, inner}, new long[]{stride, 1});
        Handle dst = Dnnl.desc(Dnnl.S32, Dnnl.TAG_AB, rows, columns);
        Handle attributes = Dnnl.attributes()) {
      return Dnnl.matMul(src, weights, null, dst, attributes);
    }
  }

  /** Panels of one width: there are two at most, the last panel may be narrower. */
  private final class Width implements Resource {
    private final Int8Rule rule;
    private final String what;
    private final int columns;
    private final int index;
    private final Group owned = new Group();
    private final Handle weights;
    /**
     * By index in {@link RowCounts}; made when first needed, except the last one, which is always there.
     * Empty where oneDNN would take an implementation that may not run, or another format of weights: then a
     * larger number of rows serves.
     */
    private final AtomicReferenceArray<Optional<Primitive>> primitives = new AtomicReferenceArray<>(
        blockIndex + 1);

    Width(Int8Rule rule, String what, int columns, int index) {
      this.rule = rule;
      this.what = what;
      this.columns = columns;
      this.index = index;
      try (Handle any = Dnnl.desc(Dnnl.S8, Dnnl.TAG_ANY, source.pieceBytes(), columns)) {
        Primitive block = compile(blockIndex, any);
        weights = block.weights();
        primitives.set(blockIndex, Optional.of(block));
      } catch (RuntimeException | Error e) {
        owned.close();
        throw e;
      }
    }

    private Primitive compile(int rowsIndex, Handle weightsDesc) {
      try (Handle description = describe(RowCounts.rows(rowsIndex), source.pieceBytes(), source.inner(),
          weightsDesc, columns)) {
        String implementation = Dnnl.implementation(description);
        boolean saturates = rule.form(implementation, what) == Int8Rule.Form.SPLIT
            && form == Int8Rule.Form.PLAIN;
        if (saturates || (!bounded && !ExactSums.keeps(implementation))) {
          throw new UnsupportedOperationException(what + ": oneDNN would run " + implementation + " for "
              + description + ", which is not exact");
        }
        return owned.add(new Primitive(description));
      } catch (DnnlException e) {
        throw e.orUnsupported(what);
      }
    }

    /** The smallest number of rows, as an index, that serves so many. */
    int rowsIndex(int rows) {
      int wanted = RowCounts.index(rows);
      while (primitive(wanted).isEmpty()) {
        wanted++;
      }
      return wanted;
    }

    Optional<Primitive> primitive(int rowsIndex) {
      Optional<Primitive> made = primitives.get(rowsIndex);
      return made != null ? made : tryCompile(rowsIndex);
    }

    private synchronized Optional<Primitive> tryCompile(int rowsIndex) {
      if (primitives.get(rowsIndex) == null) {
        try {
          primitives.set(rowsIndex, Optional.of(compile(rowsIndex, weights)));
        } catch (UnsupportedOperationException e) {
          primitives.set(rowsIndex, Optional.empty());
        }
      }
      return primitives.get(rowsIndex);
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /** The number of panels. */
  int panels() {
    return panels.size();
  }

  /** The first column of a panel. */
  int firstColumn(int panel) {
    return panels.get(panel).first();
  }

  /** The number of columns of a panel. */
  int columns(int panel) {
    return panels.get(panel).columns();
  }

  /** The rows of a full block; {@link Lane#multiply} takes no more. */
  int blockRows() {
    return RowCounts.rows(blockIndex);
  }

  /** The rows of a band, which a tile prepares at once: whole blocks. */
  int bandRows() {
    return Math.clamp(2 * SOURCE_BYTES / source.inner(), blockRows(), MAX_ROWS) / blockRows() * blockRows();
  }

  /** How source rows have to lie. */
  SourceRows.Form sourceForm() {
    return source;
  }

  /** Bytes of a source row. Where nothing {@link #isDoubled}, K of them in one run and a few more. */
  int inner() {
    return source.inner();
  }

  /** Whether pieces of a source row have to be there twice. */
  boolean isDoubled() {
    return source.doubled();
  }

  /**
   * The number of source rows that a multiplication of so many rows reads.
   *
   * @param rows 1 to {@link #blockRows}
   */
  int rowsRead(int rows) {
    int most = 0;
    for (int i = 0; i < widths.size(); i++) {
      most = Math.max(most, RowCounts.rows(widths.get(i).rowsIndex(rows)));
    }
    return most;
  }

  /**
   * How many of some rows are multiplied together; the others come after, so that few rows are wasted. No row
   * beyond them is read then.
   *
   * @param rows 1 to {@link #blockRows}
   */
  int part(int rows) {
    int part = RowCounts.part(rows);
    return part < rows && rowsRead(part) == part ? part : rows;
  }

  /** How many rows are multiplied last, of some that are no full block; 0 of none. */
  int lastPart(int rows) {
    int rest = rows;
    while (rest > 0 && part(rest) < rest) {
      rest -= part(rest);
    }
    return rest;
  }

  /** Columns of accumulators of the widest panel. */
  int widestPanel() {
    return panels.getFirst().width().columns;
  }

  /** Scratch memory of oneDNN's own for a block. */
  long scratchpadBytes() {
    return panels.getFirst().width().primitive(blockIndex).orElseThrow().scratchpadBytes();
  }

  /** Memory of the packed weights. */
  long bytes() {
    long bytes = 0;
    for (Panel panel : panels) {
      bytes += panel.bytes();
    }
    return bytes;
  }

  /** oneDNN's name for the code that runs, and how weights are handed to it. */
  String implementation() {
    String name = panels.getFirst().width().primitive(blockIndex).orElseThrow().implementation();
    return switch (form) {
      case PLAIN -> name;
      case SPLIT -> name + (narrow ? "+narrow" : "+split");
    };
  }

  /** Frees the weights; nobody may be running. */
  @Override
  public void close() {
    resources.close();
  }

  private static int roundUp(int value, int multiple) {
    return Math.ceilDiv(value, multiple) * multiple;
  }

  /** Adds 32-bit integers. */
  static void add(MemorySegment src, MemorySegment dst, long count) {
    for (long i = 0; i < count; i++) {
      dst.setAtIndex(ValueLayout.JAVA_INT, i,
          dst.getAtIndex(ValueLayout.JAVA_INT, i) + src.getAtIndex(ValueLayout.JAVA_INT, i));
    }
  }

  /** What one thread at a time needs to multiply. */
  final class Lane implements Resource {
    private final Group owned = new Group();
    private final Handle stream = owned.add(Dnnl.stream());
    private final Scratch accumulators = owned.add(new Scratch());
    private final Scratch addends = owned.add(new Scratch());
    private final Scratch scratchpad = owned.add(new Scratch());
    private final Execution[][] executions = new Execution[widths.size()][blockIndex + 1];

    /**
     * Multiplies some rows with a panel.
     *
     * @param panel the panel
     * @param rows 1 to {@link #blockRows}
     * @param src the address of {@link #rowsRead} dense rows of {@link #inner} bytes
     * @param keep what keeps them alive, or NULL
     * @return S32, rows of {@link #stride} elements, until the next multiplication
     */
    MemorySegment multiply(int panel, int rows, long src, MemorySegment keep) {
      Panel p = panels.get(panel);
      Width width = p.width();
      int rowsIndex = width.rowsIndex(rows);
      Execution execution = executions[width.index][rowsIndex];
      if (execution == null) {
        execution = owned.add(
            new Execution(width.primitive(rowsIndex).orElseThrow(), stream, p.pieces().getFirst()));
        executions[width.index][rowsIndex] = execution;
      }
      long elements = (long) RowCounts.rows(rowsIndex) * width.columns;
      NativeMemory sums = accumulators.memory(4 * elements);
      long scratch = scratchpad.address(execution.scratchpadBytes());
      execution.setWeights(p.pieces().getFirst());
      execution.run(src, sums.address(), scratch, keep, MemorySegment.NULL);
      for (int piece = 1; piece < p.pieces().size(); piece++) {
        NativeMemory more = addends.memory(4 * elements);
        execution.setWeights(p.pieces().get(piece));
        execution.run(src + (long) piece * source.pieceBytes(), more.address(), scratch, keep,
            MemorySegment.NULL);
        add(more.segment(), sums.segment(), elements);
      }
      return sums.segment();
    }

    /** Elements from one row of accumulators to the next. */
    int stride(int panel) {
      return panels.get(panel).width().columns;
    }

    @Override
    public void close() {
      owned.close();
    }
  }
}

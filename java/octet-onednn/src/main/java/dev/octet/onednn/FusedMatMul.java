package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Grid;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.pack.SignedWeights;
import java.lang.foreign.MemorySegment;

/**
 * 8-bit rows times fixed 8-bit weights with oneDNN's own epilogue, for those who asked for it by name: it
 * multiplies by scales in its own order and adds the zero point before it rounds, so a result may differ from
 * the law's by 1 in rare ties. Offered where oneDNN has a fast implementation: one scale and zero point for
 * all rows, symmetric weights, 8-bit or F32 output.
 */
final class FusedMatMul extends TiledKernel<RowCall, FusedMatMul.State> implements MatMulKernel {
  /** Rows that are copied, or results that are, are as many at a time as fit. */
  private static final int SCRATCH_BYTES = 1 << 20;
  /** The rows that weights are packed for; oneDNN packs them alike for 1 to 512. */
  private static final int TYPICAL_ROWS = 64;

  private final int k;
  private final int n;
  private final int outputBytes;
  private final boolean signed;
  private final SourceRows.Form form;
  private final WholeProduct product;
  private final String name;

  /** The op's epilogue as oneDNN does it. */
  private record Attributes(FusedEpilogue epilogue, Int8Rule rule,
      boolean split) implements WholeProduct.Extras {
    Attributes(FusedEpilogue epilogue, Int8Rule rule) {
      this(epilogue, rule, false);
    }

    /** For weights in a form. */
    Attributes accepting(Int8Rule.Form form) {
      return new Attributes(epilogue, rule, form == Int8Rule.Form.SPLIT);
    }

    @Override
    public Handle attributes() {
      // Scales for each column: the second dimension of the weights.
      return epilogue.attributes(1 << 1);
    }

    @Override
    public boolean isBiased() {
      return epilogue.isBiased();
    }

    @Override
    public Execution.Fixed[] arguments(Resource.Group owner, int first, int columns) {
      return epilogue.arguments(owner, first, columns, 2);
    }

    @Override
    public void accept(String implementation) {
      if (rule.form(implementation, "matMul") == Int8Rule.Form.SPLIT && !split) {
        throw new UnsupportedOperationException("matMul: oneDNN would run " + implementation
            + " for its own epilogue, which is not exact before it");
      }
    }
  }

  /** What one running tile needs. */
  final class State extends StatePool.State {
    private final WholeProduct.Lane lane = product.new Lane();
    private final SourceRows source = new SourceRows();
    private final Scratch results = new Scratch();

    @Override
    protected void clear() {
      source.clear();
    }

    @Override
    public void close() {
      lane.close();
      source.close();
      results.close();
    }
  }

  private FusedMatMul(BackendContext context, MatMulSpec spec, SourceRows.Form form, WholeProduct product,
      String suffix) {
    super(context.workers());
    this.k = spec.weights().k();
    this.n = spec.weights().n();
    this.outputBytes = spec.output().type().bits() / 8;
    this.signed = spec.input().type() == DataType.S8;
    this.form = form;
    this.product = product;
    this.name = "onednn:" + product.implementation() + suffix + "+fused";
  }

  /** Whether oneDNN's epilogue can do what an op asks for. */
  static boolean fits(MatMulSpec spec, SignedWeights weights) {
    return spec.inexactEpilogue() && !spec.input().atRun() && !weights.asymmetric()
        && spec.output().type() != DataType.S32
        && FusedEpilogue.isInRange(spec.input(), spec.output(), scales(spec));
  }

  /** Those of the weights, one a column. */
  private static float[] scales(MatMulSpec spec) {
    float[] scales = new float[spec.weights().n()];
    for (int c = 0; c < scales.length; c++) {
      scales[c] = spec.weights().scale(0, c);
    }
    return scales;
  }

  /**
   * Packs weights.
   *
   * @param weights the weights, and where they lie as signed bytes, {@code [K][N]}
   * @throws UnsupportedOperationException if oneDNN has no implementation that may run
   */
  static FusedMatMul prepare(BackendContext context, Int8Rule rule, MatMulSpec spec, SignedWeights weights,
      NativeMemory matrix) {
    int k = weights.k();
    int n = weights.n();
    FusedEpilogue epilogue = FusedEpilogue.of(spec.input(), spec.output(), scales(spec), spec.bias(),
        spec.floatBias());
    int dst = epilogue.resultType();
    int dstBytes = spec.output().type().bits() / 8;
    try {
      Attributes attributes = new Attributes(epilogue, rule);
      Int8Rule.Form form = rule.form(WholeProduct.implementation(
          new WholeProduct.Shape(Dnnl.U8, Dnnl.S8, dst, dstBytes, k, n), attributes, TYPICAL_ROWS), "matMul");
      boolean narrow = form == Int8Rule.Form.SPLIT && Int8Rule.isNarrow(matrix.segment(), (long) k * n);
      boolean doubled = form == Int8Rule.Form.SPLIT && !narrow;
      WholeProduct.Shape shape = new WholeProduct.Shape(Dnnl.U8, Dnnl.S8, dst, dstBytes,
          doubled ? Math.multiplyExact(2, k) : k, n);
      return pack(context, spec, matrix, k, shape, attributes.accepting(form), doubled,
          form == Int8Rule.Form.PLAIN ? "" : narrow ? "+narrow" : "+split");
    } catch (DnnlException e) {
      throw e.orUnsupported("matMul");
    }
  }

  private static FusedMatMul pack(BackendContext context, MatMulSpec spec, NativeMemory matrix, int k,
      WholeProduct.Shape shape, Attributes attributes, boolean doubled, String suffix) {
    int n = shape.n();
    try (NativeMemory plain = NativeMemory.allocate((long) shape.inner() * n)) {
      MemorySegment.copy(matrix.segment(), 0, plain.segment(), 0, (long) k * n);
      if (doubled) {
        Halves.split(plain.segment(), 0, (long) k * n, (long) k * n);
      }
      WholeProduct product = new WholeProduct(shape, attributes, plain, n, 1, context.workers().threads(),
          TYPICAL_ROWS);
      return new FusedMatMul(context, spec, new SourceRows.Form(k, 1, k, doubled, 1), product, suffix);
    }
  }

  @Override
  protected RowCall newCall() {
    return new RowCall(new Grid(product.panels(), 1, 1, 1));
  }

  @Override
  protected State newState() {
    return new State();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean exact() {
    return false;
  }

  @Override
  public long packedBytes() {
    return product.bytes() + 8L * n;
  }

  @Override
  public long scratchBytes(long rows) {
    return Math.min(rows * form.inner(), Math.max(SCRATCH_BYTES, form.inner()));
  }

  @Override
  protected void tile(RowCall call, State state, int number) {
    int panel = call.grid.firstPanel(number);
    int first = call.grid.firstRow(number);
    int count = call.grid.rows(number);
    state.source.take(form, call.src, first * call.srcStride, call.srcStride, count, signed, 0, 0);
    long from = state.source.address(0);
    if (!call.dst.isHeap() && call.dstStride == n) {
      state.lane.run(panel, count, from, call.dst.address + first * call.dstStride * outputBytes,
          state.source.keep(0), call.dst.keep);
      return;
    }
    NativeMemory results = state.results.memory((long) count * n * outputBytes);
    state.lane.run(panel, count, from, results.address(), state.source.keep(0), MemorySegment.NULL);
    long c0 = product.firstColumn(panel);
    long bytes = (product.firstColumn(panel + 1) - c0) * outputBytes;
    for (int row = 0; row < count; row++) {
      MemorySegment.copy(results.segment(), (row * (long) n + c0) * outputBytes, call.dst.segment,
          (call.dst.first + (first + row) * call.dstStride + c0) * outputBytes, bytes);
    }
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    if (rows == 0) {
      return;
    }
    RowCall call = begin();
    try {
      call.set(src, 1, srcStride, rowScales, rowZeroPoints, dst, outputBytes, dstStride, rows);
      call.grid.cut(rows, Math.ceilDiv(rows, bands(call)), product.panels());
      run(call, call.grid.tiles());
    } finally {
      end(call);
    }
  }

  private int bands(RowCall call) {
    boolean inPlace = !call.src.isHeap() && !signed && !form.doubled() && call.srcStride == k
        && !call.dst.isHeap() && call.dstStride == n;
    int most = inPlace
        ? call.rows
        : Math.max(1,
            SCRATCH_BYTES / Math.max(form.inner(), (int) Math.min(1 << 20, (long) n * outputBytes)));
    int bands = Math.ceilDiv(call.rows, most);
    int wanted = Cutting.ONEDNN.tiles((double) call.rows * k * n / RowKernel.MACS_PER_NANO, threads());
    return bands * product.panels() < wanted
        ? Math.min(call.rows, Math.ceilDiv(wanted, product.panels()))
        : bands;
  }

  @Override
  public void close() {
    super.close();
    product.close();
  }
}

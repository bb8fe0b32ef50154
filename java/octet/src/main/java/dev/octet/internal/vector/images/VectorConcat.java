package dev.octet.internal.vector.images;

import dev.octet.DataType;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.internal.call.AutoMemory;
import dev.octet.internal.call.ConcatCall;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Tensors side by side. Dequantize and quantize of a byte are a table of 256 entries; where it changes
 * nothing the bytes are copied.
 */
public final class VectorConcat extends TiledKernel<ConcatCall, VectorConcat.State>
    implements
      ConcatKernel {
  /** Bytes in a nanosecond, roughly. */
  private static final double RATE = 6;

  private final DataType type;
  /** One an input; null: copied. */
  private final List<byte[]> tables = new ArrayList<>();

  public VectorConcat(Workers workers, ConcatSpec spec) {
    super(workers);
    this.type = spec.output().type();
    for (int i = 0; i < spec.inputs().size(); i++) {
      tables.add(spec.table(i));
    }
  }

  @Override
  protected ConcatCall newCall() {
    return new ConcatCall(tables.size());
  }

  @Override
  protected State newState() {
    return new State();
  }

  @Override
  public String name() {
    return Form.name("concat_", type);
  }

  @Override
  public long packedBytes() {
    return 256L * tables.stream().filter(table -> table != null).count();
  }

  @Override
  public void run(List<MemorySegment> inputs, long[] lengths, MemorySegment dst, long outer) {
    ConcatCall call = begin();
    try {
      call.set(inputs, lengths, dst, outer);
      long bytes = outer * call.length;
      if (bytes > 0) {
        call.cut(Cutting.STREAM.elements(bytes, bytes / RATE, threads(call), Cutting.GRAIN));
        run(call, call.tiles());
      }
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(ConcatCall call, State state, int number) {
    long columns = call.firstColumn(number);
    long endColumns = call.endColumn(number);
    long begin = 0;
    for (int input = 0; input < call.lengths.length; input++) {
      Operand src = call.inputs[input];
      long length = call.lengths[input];
      long from = Math.clamp(columns - begin, 0, length);
      long count = Math.clamp(endColumns - begin, 0, length) - from;
      for (long row = call.firstRow(number); count > 0 && row < call.endRow(number); row++) {
        row(state, src, src.first + row * length + from, tables.get(input), call.dst,
            call.dst.first + row * call.length + begin + from, count);
      }
      begin += length;
    }
  }

  private static void row(State state, Operand src, long from, byte[] table, Operand dst, long to,
      long count) {
    if (table == null) {
      MemorySegment.copy(src.segment, from, dst.segment, to, count);
      return;
    }
    boolean copied = state.loops.nativeOnly() && (src.isHeap() || dst.isHeap());
    int most = copied ? Elements.PIECE : 1 << 30;
    Span span = state.span;
    for (long done = 0; done < count; done += most) {
      span.count = (int) Math.min(most, count - done);
      span.left = src.segment;
      span.leftAt = from + done;
      span.dst = dst.segment;
      span.dstAt = to + done;
      if (copied) {
        MemorySegment piece = state.scratch.of(Elements.PIECE);
        MemorySegment.copy(src.segment, from + done, piece, 0, span.count);
        span.left = piece;
        span.leftAt = 0;
        span.dst = piece;
        span.dstAt = 0;
      }
      state.loops.now().lookup(span, table);
      if (copied) {
        MemorySegment.copy(span.dst, 0, dst.segment, to + done, span.count);
      }
    }
  }

  /** What a running tile has for itself. */
  static final class State extends StatePool.State {
    private final Elements loops = new Elements();
    private final Span span = new Span();
    private final AutoMemory scratch = new AutoMemory();

    @Override
    protected void clear() {
      span.clear();
    }
  }
}

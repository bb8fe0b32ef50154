package dev.octet.internal.vector.images;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.call.Call;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.NativeScratch;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Tensors side by side. Dequantize and quantize of a byte are a table of 256 entries; where it changes
 * nothing the bytes are copied.
 */
public final class VectorConcat extends TiledKernel<VectorConcat.Tensors, VectorConcat.State>
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
    for (ActivationSpec input : spec.inputs()) {
      tables.add(table(input, spec.output()));
    }
  }

  private static byte[] table(ActivationSpec input, OutputSpec output) {
    byte[] table = new byte[256];
    boolean same = true;
    for (int i = 0; i < table.length; i++) {
      int q = input.type() == DataType.U8 ? i : (byte) i;
      float real = Numbers.dequantize(q, input.scale(), input.zeroPoint());
      table[i] = (byte) Numbers.quantize(real, output.scale(), output.zeroPoint(), output.type());
      same &= table[i] == (byte) i;
    }
    return same ? null : table;
  }

  @Override
  protected Tensors newCall() {
    return new Tensors(tables.size());
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
    Tensors call = begin();
    try {
      call.set(inputs, lengths, dst, outer);
      double nanos = call.length * outer / RATE;
      call.perTile = Cutting.STREAM.elements(outer, nanos, threads(call), 1);
      run(call, call.length == 0 ? 0 : (int) Math.ceilDiv(outer, call.perTile));
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(Tensors call, State state, int number) {
    long first = number * call.perTile;
    long end = Math.min(call.outer, first + call.perTile);
    long to = call.dst.first;
    for (int input = 0; input < call.lengths.length; input++) {
      Operand src = call.inputs[input];
      long length = call.lengths[input];
      for (long o = first; o < end; o++) {
        row(state, src, src.first + o * length, tables.get(input), call.dst, to + o * call.length, length);
      }
      to += length;
    }
  }

  private static void row(State state, Operand src, long from, byte[] table, Operand dst, long to,
      long count) {
    if (table == null) {
      MemorySegment.copy(src.segment, from, dst.segment, to, count);
      return;
    }
    boolean copied = state.loops.nativeOnly() && (src.isHeap() || dst.isHeap());
    int most = copied ? NativeScratch.PIECE : 1 << 30;
    Span span = state.span;
    for (long done = 0; done < count; done += most) {
      span.count = (int) Math.min(most, count - done);
      span.left = src.segment;
      span.leftAt = from + done;
      span.dst = dst.segment;
      span.dstAt = to + done;
      if (copied) {
        MemorySegment piece = state.scratch.memory(NativeScratch.PIECE);
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

  /** A running call. */
  static final class Tensors extends Call {
    private final Operand[] inputs;
    private final Operand dst = operand();
    private long[] lengths;
    private long length;
    private long outer;
    private long perTile;

    private Tensors(int count) {
      inputs = new Operand[count];
      for (int i = 0; i < count; i++) {
        inputs[i] = operand();
      }
    }

    private void set(List<MemorySegment> given, long[] lengthsOfInputs, MemorySegment result, long rows) {
      length = 0;
      for (int i = 0; i < inputs.length; i++) {
        inputs[i].set(given.get(i), 1);
        length += lengthsOfInputs[i];
      }
      lengths = lengthsOfInputs;
      dst.set(result, 1);
      outer = rows;
    }

    @Override
    protected void clear() {
      super.clear();
      lengths = null;
    }
  }

  /** What a running tile has for itself. */
  static final class State extends StatePool.State {
    private final Elements loops = new Elements();
    private final Span span = new Span();
    private final NativeScratch scratch = new NativeScratch();

    @Override
    protected void clear() {
      span.clear();
    }
  }
}

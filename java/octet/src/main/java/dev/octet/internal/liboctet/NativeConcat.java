package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.internal.call.ConcatCall;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Tensors side by side in C: a downcall for each input of a tile, by a table or as a copy. */
final class NativeConcat extends TiledKernel<ConcatCall, Copies> implements ConcatKernel {
  private final List<NativeMemory> plans = new ArrayList<>();
  private final String name;
  private final double rate;

  NativeConcat(BackendContext context, ConcatSpec spec) {
    super(context.workers());
    int tier = Names.tier(context.isa());
    int copy = ConcatFunctions.copyKernel(tier);
    int lookup = ElementFunctions.lookupKernel(tier);
    int named = copy;
    try {
      for (int i = 0; i < spec.inputs().size(); i++) {
        byte[] table = spec.table(i);
        PlanWriter writer = new PlanWriter(ConcatFunctions.PLAN);
        writer.table("table", table);
        writer.number("kernel", table == null ? copy : lookup);
        plans.add(writer.write());
        named = table == null ? named : lookup;
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    this.name = Names.of(named);
    this.rate = StreamKernel.rate(context.isa());
  }

  @Override
  protected ConcatCall newCall() {
    return new ConcatCall(plans.size());
  }

  @Override
  protected Copies newState() {
    return new Copies();
  }

  /** That of the lookup, if some input needs one. */
  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return plans.stream().mapToLong(NativeMemory::bytes).sum();
  }

  @Override
  public void run(List<MemorySegment> inputs, long[] lengths, MemorySegment dst, long outer) {
    long length = 0;
    for (long each : lengths) {
      length += each;
    }
    double nanos = length * (double) outer / rate;
    if (nanos <= Cutting.QUICK_NANOS) {
      long first = 0;
      for (int i = 0; i < lengths.length; i++) {
        ConcatFunctions.quick(plans.get(i).address(), inputs.get(i), dst, length, first, outer, lengths[i]);
        first += lengths[i];
      }
      return;
    }
    ConcatCall call = begin();
    try {
      call.set(inputs, lengths, dst, outer);
      long perTile = Cutting.STREAM.elements(length * outer, nanos, threads(call), Cutting.GRAIN);
      call.cut(call.hasHeap() ? Math.min(perTile, Cutting.COPIED_BYTES / 2) : perTile);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(ConcatCall call, Copies copies, int number) {
    long row = call.firstRow(number);
    long rows = call.endRow(number) - row;
    long columns = call.firstColumn(number);
    long width = call.endColumn(number) - columns;
    copies.begin(call, 2 * rows * width);
    long dstAt = row * call.length + columns;
    long dst = copies.out(call.dst, dstAt, rows * width);
    long begin = 0;
    for (int i = 0; i < call.lengths.length; i++) {
      Operand input = call.inputs[i];
      long length = call.lengths[i];
      long from = Math.clamp(columns - begin, 0, length);
      long count = Math.clamp(columns + width - begin, 0, length) - from;
      if (count > 0) {
        // Of several rows a tile has all columns: both sides are dense.
        long src = copies.in(input, row * length + from, rows * count);
        ConcatFunctions.tile(plans.get(i).address(), src, dst, width, begin + from - columns, rows, count,
            input, call.dst);
      }
      begin += length;
    }
    copies.back(dst, call.dst, dstAt, rows * width);
  }

  @Override
  public void close() {
    super.close();
    plans.forEach(NativeMemory::close);
  }
}

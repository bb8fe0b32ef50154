package dev.octet.internal.vector.elements;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Repeated;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Span;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;

/**
 * Between F32 and integers. Elements are cut into stretches of one scale, or of scales that lie side by side
 * in a table; where neither is long, a table of the stretch is written first. Elements of 4 bits pass through
 * bytes.
 */
public final class VectorConversion extends ElementKernel implements QuantizeKernel {
  /** Shorter stretches of one scale do not pay for a loop of their own. */
  private static final int SHORT = 16;
  /** S4 is unpacked as unsigned, this much above what it stands for. */
  private static final int NIBBLE_SHIFT = 8;

  private final boolean toReal;
  private final DataType type;
  private final Granularity granularity;
  private final int groupSize;
  /** Those of channels are repeated. */
  private final float[] scales;
  private final int[] zeroPoints;
  private final int channels;
  /** By zero point; loops with a table read the range alone. */
  private final Target[] targets;
  private final boolean unsigned;

  private VectorConversion(Workers workers, QuantizeSpec spec, boolean toReal) {
    super(workers, toReal ? spec.type().bits() : Float.SIZE, toReal ? Float.SIZE : spec.type().bits());
    Quantization quantization = spec.quantization();
    this.toReal = toReal;
    this.type = spec.type();
    this.granularity = quantization.granularity();
    this.groupSize = granularity == Granularity.PER_GROUP ? quantization.groupSize() : 1;
    this.channels = quantization.count();
    int shift = toReal && type == DataType.S4 ? NIBBLE_SHIFT : 0;
    int entries = granularity == Granularity.PER_CHANNEL ? Repeated.length(channels) : channels;
    this.scales = new float[entries];
    this.zeroPoints = new int[entries];
    for (int i = 0; i < entries; i++) {
      scales[i] = quantization.scale(i % channels);
      zeroPoints[i] = quantization.zeroPoint(i % channels) + shift;
    }
    this.targets = new Target[toReal ? 0 : type.max() - type.min() + 1];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = new Target(type.min() + i, type.min(), type.max());
    }
    this.unsigned = type != DataType.S8;
  }

  public static VectorConversion quantize(Workers workers, QuantizeSpec spec) {
    return new VectorConversion(workers, spec, false);
  }

  public static VectorConversion dequantize(Workers workers, QuantizeSpec spec) {
    return new VectorConversion(workers, spec, true);
  }

  @Override
  public String name() {
    return Form.name(toReal ? "dequantize_" : "quantize_", type);
  }

  @Override
  public long packedBytes() {
    return 8L * scales.length;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long outer, long axis, long inner) {
    stream(src, dst, axis, inner, outer * axis * inner);
  }

  @Override
  void work(State state, Call call, long first) {
    if (type.isByte()) {
      convert(state, call, first);
    } else if (toReal) {
      fromNibbles(state, call, first);
    } else {
      toNibbles(state, call, first);
    }
  }

  private void toNibbles(State state, Call call, long first) {
    Span span = state.span;
    MemorySegment packed = span.dst;
    MemorySegment bytes = state.asBytes();
    int count = span.count;
    long to = span.dstAt;
    for (int done = 0; done < count; done += ElementLoops.TABLE) {
      int some = Math.min(ElementLoops.TABLE, count - done);
      span.count = some;
      span.dst = bytes;
      span.dstAt = 0;
      convert(state, call, first + done);
      Nibbles.pack(bytes, some, packed, to + done / 2);
    }
  }

  private void fromNibbles(State state, Call call, long first) {
    Span span = state.span;
    MemorySegment packed = span.left;
    MemorySegment bytes = state.asBytes();
    int count = span.count;
    long from = span.leftAt;
    for (int done = 0; done < count; done += ElementLoops.TABLE) {
      int some = Math.min(ElementLoops.TABLE, count - done);
      Nibbles.unpack(packed, from + done / 2, type == DataType.S4, bytes, some);
      span.count = some;
      span.left = bytes;
      span.leftAt = 0;
      convert(state, call, first + done);
    }
  }

  /** Elements of 8 bits on the one side, floats on the other; moves the span behind them. */
  private void convert(State state, Call call, long first) {
    Span span = state.span;
    int rest = span.count;
    long element = first;
    while (rest > 0) {
      stretch(state, call, element, rest);
      rest -= span.count;
      element += span.count;
      span.leftAt += (long) span.count * (toReal ? 1 : Float.BYTES);
      span.dstAt += (long) span.count * (toReal ? Float.BYTES : 1);
    }
  }

  /** Converts as many elements, from one on, as one loop takes; the span says how many. */
  private void stretch(State state, Call call, long element, int rest) {
    Span span = state.span;
    if (granularity == Granularity.PER_TENSOR) {
      span.count = rest;
      convert(state, 0);
      return;
    }
    long inside = element % call.inner;
    long index = element / call.inner % call.axis;
    int most = Math.min(rest, ElementLoops.TABLE);
    int parameter = parameter(call, element);
    boolean perChannel = granularity == Granularity.PER_CHANNEL;
    long alike = perChannel
        ? call.inner - inside
        : call.inner == 1 ? Math.min(call.axis, (index / groupSize + 1) * groupSize) - index : 1;
    if (perChannel && call.inner == 1) {
      span.count = Math.min(most, scales.length - parameter);
      convert(state, scales, zeroPoints, parameter);
    } else if (!perChannel && call.inner >= SHORT) {
      span.count = (int) Math.min(most, call.inner - inside);
      convert(state, scales, zeroPoints, parameter);
    } else if (alike >= Math.min(SHORT, rest)) {
      span.count = (int) Math.min(rest, alike);
      convert(state, parameter);
    } else {
      span.count = most;
      table(state, call, element);
      convert(state, state.scales, state.zeroPoints, 0);
    }
  }

  /** Which scale an element has. */
  private int parameter(Call call, long element) {
    long index = element / call.inner % call.axis;
    if (granularity == Granularity.PER_CHANNEL) {
      return (int) index;
    }
    long outer = element / call.inner / call.axis;
    long groups = Math.ceilDiv(call.axis, groupSize);
    return (int) ((outer * groups + index / groupSize) * call.inner + element % call.inner);
  }

  private void table(State state, Call call, long element) {
    for (int i = 0; i < state.span.count; i++) {
      int parameter = parameter(call, element + i);
      state.scales[i] = scales[parameter];
      state.zeroPoints[i] = zeroPoints[parameter];
    }
  }

  private void convert(State state, int parameter) {
    if (toReal) {
      state.loops.now().dequantize(state.span, unsigned, scales[parameter], zeroPoints[parameter]);
    } else {
      state.loops.now().quantize(state.span, scales[parameter],
          targets[zeroPoints[parameter] - type.min()]);
    }
  }

  private void convert(State state, float[] scales, int[] zeroPoints, int first) {
    if (toReal) {
      state.loops.now().dequantize(state.span, unsigned, scales, zeroPoints, first);
    } else {
      state.loops.now().quantize(state.span, scales, zeroPoints, first, targets[0]);
    }
  }
}

package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.DynamicQuantize;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/** Floats to U8 with a scale and zero point of their range, by {@link DynamicQuantize}. */
record DynamicQuantizeLinear() implements Op {
  @Override
  public String type() {
    return "DynamicQuantizeLinear";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.U8, inputs.getFirst().dims()),
        Known.of(ElementType.F32, new long[0]),
        Known.of(ElementType.U8, new long[0]));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    DynamicQuantize op = octet.dynamicQuantize().perTensor().prepare();
    return new OctetKernel(op, 1, in -> {
      Known x = in.getFirst();
      int columns = x.rank() == 0 ? 1 : Runs.count("columns", x.dims()[x.rank() - 1]);
      return new Quantizing(op, columns == 0 ? 0 : Runs.count("rows", x.elements() / columns), columns);
    });
  }

  /** One run. The scale and zero point are always computed, all outputs need not be asked for. */
  private record Quantizing(DynamicQuantize op, int rows, int columns) implements Step {
    /** Scale, zero point, and the integers where nobody reads them. */
    @Override
    public long scratchBytes() {
      return 8 + (long) rows * columns;
    }

    @Override
    public long[] scratchCuts() {
      return new long[]{4, 8};
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment scale = scratch.part(0);
      MemorySegment zeroPoint = scratch.part(1);
      op.run(in[0], out[0] == null ? scratch.part(2) : out[0], scale, zeroPoint, rows, columns);
      if (out.length > 1 && out[1] != null) {
        out[1].set(Elements.FLOAT, 0, scale.get(Elements.FLOAT, 0));
      }
      if (out.length > 2 && out[2] != null) {
        out[2].set(Elements.BYTE, 0, (byte) zeroPoint.get(Elements.INT, 0));
      }
    }
  }
}

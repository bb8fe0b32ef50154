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

/**
 * What a pass makes of a DynamicQuantizeLinear and an {@link IntegerConv} that alone reads it: floats to
 * floats, quantized by one range of all images. They are quantized before they are transposed, so that a
 * quarter of the bytes is moved.
 *
 * @param conv the convolution of integers
 */
public record DynamicConv(IntegerConv conv) implements Op {
  @Override
  public String type() {
    return "DynamicConv";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, conv.shape(inputs.getFirst())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    DynamicQuantize quantize = octet.dynamicQuantize().perTensor().prepare();
    NhwcConv images = conv.prepare(octet, ElementType.U8, inputs.getFirst());
    return new Kernel() {
      @Override
      public Step plan(List<Known> in, List<Known> out) {
        return new Run(quantize, images, NhwcConv.Sizes.of(in.getFirst(), out.getFirst()),
            in.getFirst().elements());
      }

      @Override
      public String name() {
        return images.name();
      }

      @Override
      public void close() {
        quantize.close();
        images.close();
      }
    };
  }

  /**
   * A run.
   *
   * @param elements of all images
   */
  private record Run(DynamicQuantize quantize, NhwcConv images, NhwcConv.Sizes sizes, long elements)
      implements
        Step {
    /** Integers with their scale and zero point, behind what the convolution needs. */
    @Override
    public long scratchBytes() {
      return sizes.scratchBytes() + 8 + elements;
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment own = scratch.memory().asSlice(sizes.scratchBytes());
      MemorySegment integers = own.asSlice(8, elements);
      quantize.run(in[0], integers, own.asSlice(0, 4), own.asSlice(4, 4),
          Math.multiplyExact(sizes.batch(), sizes.channels()),
          Math.multiplyExact(sizes.height(), sizes.width()));
      images.run(integers, own.get(Elements.FLOAT, 0), own.get(Elements.INT, 4), out[0], sizes,
          scratch.memory(),
          scratch);
    }
  }
}

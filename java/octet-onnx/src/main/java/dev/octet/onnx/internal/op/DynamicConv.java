package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
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
public record DynamicConv(IntegerConv conv) implements WeightOp {
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
  public Kernel kernel(Packs packs, List<Known> inputs) {
    DynamicQuantize quantize = packs.octet().dynamicQuantize().perTensor().prepare();
    return kernel(quantize, conv.prepare(packs, ElementType.U8, inputs.getFirst()), false);
  }

  /**
   * The kernel of a convolution of floats.
   *
   * @param quantize prepared per tensor, or per row
   * @param images convolves U8 with scales that come with a run
   * @param perImage whether each image has a range of its own, and is a row
   */
  static Kernel kernel(DynamicQuantize quantize, NhwcConv images, boolean perImage) {
    return new Kernel() {
      @Override
      public Step plan(List<Known> in, List<Known> out) {
        return new Run(quantize, images, NhwcConv.Sizes.of(in.getFirst(), out.getFirst()), perImage,
            in.getFirst().elements());
      }

      @Override
      public String name() {
        return images.name();
      }

      @Override
      public boolean reads(int input) {
        return input == 0;
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
  private record Run(DynamicQuantize quantize, NhwcConv images, NhwcConv.Sizes sizes, boolean perImage,
      long elements)
      implements
        Step {
    /** How many scales there are. */
    private int scales() {
      return perImage ? sizes.batch() : 1;
    }

    /** Scales and zero points, and integers, behind what the convolution needs. */
    @Override
    public long scratchBytes() {
      return sizes.scratchBytes() + 8L * scales() + elements;
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment own = scratch.memory().asSlice(sizes.scratchBytes());
      long bytes = 4L * scales();
      MemorySegment scales = own.asSlice(0, bytes);
      MemorySegment zeroPoints = own.asSlice(bytes, bytes);
      MemorySegment integers = own.asSlice(2 * bytes, elements);
      int pixels = Math.multiplyExact(sizes.height(), sizes.width());
      int rows = perImage ? sizes.batch() : Math.multiplyExact(sizes.batch(), sizes.channels());
      quantize.run(in[0], integers, scales, zeroPoints, rows,
          perImage ? Math.multiplyExact(sizes.channels(), pixels) : pixels);
      images.run(integers, scales, zeroPoints, out[0], sizes, scratch.memory(), scratch);
    }
  }
}

package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator on images with channels last, for images as ONNX has them: its operands are transposed on the
 * way in, and its result on the way out.
 *
 * @param op all of whose inputs are images
 */
public record ChannelsFirst(Op op) implements WeightOp {
  private static final TransposeChannels LAST = new TransposeChannels(true);
  private static final TransposeChannels FIRST = new TransposeChannels(false);

  @Override
  public String type() {
    return op.type();
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    return List.of(FIRST.of(op.infer(last(inputs)).getFirst()));
  }

  private static List<Known> last(List<Known> images) {
    return images.stream().map(LAST::of).toList();
  }

  /** The images as ONNX has them of images with channels last. */
  static Known first(Known images) {
    return FIRST.of(images);
  }

  /** Images with channels last of images as ONNX has them. */
  static Known last(Known images) {
    return LAST.of(images);
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    List<Known> turned = last(inputs);
    List<Kernel> kernels = new ArrayList<>();
    try {
      kernels.add(op.kernel(packs, turned));
      for (Known input : inputs) {
        kernels.add(LAST.kernel(packs, List.of(input)));
      }
      kernels.add(FIRST.kernel(packs, op.infer(turned)));
    } catch (Throwable e) {
      kernels.forEach(Kernel::close);
      throw e;
    }
    return new Turning(kernels);
  }

  /**
   * The kernel of the operator, those that transpose each operand, and the one that transposes the result.
   */
  private record Turning(List<Kernel> kernels) implements Kernel {
    @Override
    public Step plan(List<Known> in, List<Known> out) {
      List<Known> turned = last(in);
      Known y = LAST.of(out.getFirst());
      List<Step> steps = new ArrayList<>();
      for (int i = 0; i < in.size(); i++) {
        steps.add(kernels.get(i + 1).plan(List.of(in.get(i)), List.of(turned.get(i))));
      }
      return new Run(steps, kernels.getFirst().plan(turned, List.of(y)),
          kernels.getLast().plan(List.of(y), out),
          turned.stream().mapToLong(Known::bytes).toArray(), y.bytes());
    }

    @Override
    public String name() {
      return kernels.getFirst().name();
    }

    @Override
    public void close() {
      kernels.forEach(Kernel::close);
    }
  }

  /**
   * A run.
   *
   * @param last transpose the operands
   * @param step of the operator
   * @param first transposes the result
   * @param bytes of the operands
   * @param resultBytes of the result
   */
  private record Run(List<Step> last, Step step, Step first, long[] bytes, long resultBytes)
      implements
        Step {
    private static long aligned(long bytes) {
      return Math.ceilDiv(bytes, 64) * 64;
    }

    @Override
    public long scratchBytes() {
      long sum = aligned(resultBytes) + step.scratchBytes();
      for (long operand : bytes) {
        sum += aligned(operand);
      }
      return sum;
    }

    @Override
    public long arrayBytes() {
      return step.arrayBytes();
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment memory = scratch.memory();
      MemorySegment[] images = new MemorySegment[bytes.length];
      MemorySegment[] source = new MemorySegment[1];
      MemorySegment[] target = new MemorySegment[1];
      long at = 0;
      for (int i = 0; i < images.length; i++) {
        images[i] = memory.asSlice(at, bytes[i]);
        source[0] = in[i];
        target[0] = images[i];
        last.get(i).run(source, target, scratch);
        at += aligned(bytes[i]);
      }
      MemorySegment result = memory.asSlice(at, resultBytes);
      target[0] = result;
      MemorySegment ofStep = memory.asSlice(at + aligned(resultBytes));
      scratch.memory(ofStep, Scratch.parts(ofStep, step));
      step.run(images, target, scratch);
      scratch.memory(memory);
      source[0] = result;
      first.run(source, out, scratch);
    }
  }
}

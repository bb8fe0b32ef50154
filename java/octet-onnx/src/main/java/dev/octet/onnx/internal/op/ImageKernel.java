package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Octet's convolution of images that have the scale and zero point that are inputs of the node.
 *
 * @param conv what convolves
 * @param type of the images
 * @param scaleInput which input the scale is; -1 where it is 1
 * @param zeroPointInput which input the zero point is; -1 where it is 0
 */
record ImageKernel(NhwcConv conv, ElementType type, int scaleInput, int zeroPointInput) implements Kernel {
  @Override
  public Step plan(List<Known> in, List<Known> out) {
    NhwcConv.Sizes sizes = NhwcConv.Sizes.of(in.getFirst(), out.getFirst());
    return new Step() {
      @Override
      public long scratchBytes() {
        return sizes.scratchBytes();
      }

      @Override
      public void run(MemorySegment[] from, MemorySegment[] to, Scratch scratch) {
        float scale = scaleInput < 0 ? 1 : Elements.real(from[scaleInput], 0);
        int zeroPoint = zeroPointInput < 0 ? 0 : (int) Elements.integer(from[zeroPointInput], type, 0);
        conv.run(from[0], scale, zeroPoint, to[0], sizes, scratch.memory(), scratch);
      }
    };
  }

  @Override
  public String name() {
    return conv.name();
  }

  @Override
  public boolean reads(int input) {
    return input == 0 || input == scaleInput || input == zeroPointInput;
  }

  @Override
  public void close() {
    conv.close();
  }
}

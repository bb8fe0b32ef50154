package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * What a pass makes of nodes that compute float by float, all of one shape: some elements at a time go
 * through all of them, and stay in a first cache. Each link rounds as its node does.
 *
 * @param inputs how many tensors come in, all of the shape of the result
 * @param links in the order in which they are computed; the last one is the result
 * @param slots how many parts of tensors are held at a time
 */
public record FloatChain(int inputs, List<FloatLink> links, int slots) implements Op {
  private static final int PART = 1024;

  @Override
  public String type() {
    return "FloatChain";
  }

  @Override
  public List<Known> infer(List<Known> known) {
    Inputs.count(known, inputs, inputs);
    for (int i = 0; i < inputs; i++) {
      Inputs.type(known, i, Set.of(ElementType.F32));
    }
    return List.of(Known.shaped(ElementType.F32, known.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> known) {
    return (in, out) -> plan(out.getFirst());
  }

  private Step plan(Known y) {
    boolean byChannel = links.stream().anyMatch(FloatLink::isByChannel);
    long planes = byChannel ? y.dims()[0] * y.dims()[1] : 1;
    long channels = byChannel ? y.dims()[1] : 1;
    long length = byChannel ? Dims.product(y.dims(), 2, y.rank()) : y.elements();
    return (in, out, scratch) -> run(in, out[0], planes, channels, length, scratch);
  }

  private void run(MemorySegment[] in, MemorySegment out, long planes, long channels, long length,
      Scratch scratch) {
    float[][] parts = scratch.rows(slots, PART);
    for (long plane = 0; plane < planes; plane++) {
      int channel = (int) (plane % channels);
      for (long first = 0; first < length; first += PART) {
        int count = (int) Math.min(PART, length - first);
        long at = 4 * (plane * length + first);
        for (int i = 0; i < inputs; i++) {
          MemorySegment.copy(in[i], Elements.FLOAT, at, parts[i], 0, count);
        }
        for (FloatLink link : links) {
          link.run(parts, channel, count);
        }
        MemorySegment.copy(parts[links.getLast().to()], 0, out, Elements.FLOAT, at, count);
      }
    }
  }
}

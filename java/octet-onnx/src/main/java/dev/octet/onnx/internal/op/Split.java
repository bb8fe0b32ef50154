package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts its first input into parts along an axis.
 *
 * @param axis along which; below 0 from the end
 * @param lengths of the parts; null where an input has them, or they are equal
 * @param parts how many there are
 * @param rest whether the last one of equal parts may be shorter
 */
record Split(long axis, long[] lengths, int parts, boolean rest) implements Op {
  static Split read(Attributes attributes) {
    long[] lengths = attributes.opset() < 13 ? attributes.integers("split") : null;
    boolean rest = attributes.opset() >= 18;
    if (rest && attributes.has("num_outputs")
        && attributes.integer("num_outputs", 0) != attributes.outputs()) {
      throw new IllegalArgumentException("attribute num_outputs: expected " + attributes.outputs()
          + " as the node has outputs, got " + attributes.integer("num_outputs", 0));
    }
    return new Split(attributes.integer("axis", 0), lengths, attributes.outputs(), rest);
  }

  @Override
  public String type() {
    return "Split";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 2);
    Known data = inputs.getFirst();
    List<Known> outputs = new ArrayList<>();
    long[] of = data.hasRank() ? lengths(inputs) : null;
    for (int i = 0; i < parts; i++) {
      long[] dims = data.hasRank() ? data.dims().clone() : null;
      if (dims != null) {
        dims[Dims.axis("axis", axis, dims.length)] = of == null ? Known.UNKNOWN : of[i];
      }
      outputs.add(Known.shaped(data.type(), dims));
    }
    return outputs;
  }

  /** The lengths of the parts; null where they are not known yet. */
  private long[] lengths(List<Known> inputs) {
    Known data = inputs.getFirst();
    long length = data.dims()[Dims.axis("axis", axis, data.rank())];
    boolean given = Inputs.optional(inputs, 1) != null;
    long[] wanted = given ? Inputs.lengths(inputs, 1) : lengths;
    if (wanted == null) {
      return given || length < 0 ? null : equal(length);
    }
    if (wanted.length != parts || Arrays.stream(wanted).anyMatch(part -> part < 0)
        || (length >= 0 && Arrays.stream(wanted).reduce(0, Math::addExact) != length)) {
      throw new IllegalArgumentException(
          "expected the lengths of " + parts + " parts of axis " + axis + " of "
              + data + ", got " + Arrays.toString(wanted));
    }
    return wanted;
  }

  private long[] equal(long length) {
    long part = Math.ceilDiv(length, parts);
    if (length % parts != 0 && (!rest || part * (parts - 1) >= length)) {
      throw new IllegalArgumentException(
          "axis " + axis + " of " + length + " elements cannot be cut into " + parts + " parts");
    }
    long[] result = new long[parts];
    Arrays.fill(result, part);
    result[parts - 1] = length - part * (parts - 1);
    return result;
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.getFirst(), out);
  }

  private Step plan(Known data, List<Known> outputs) {
    int along = Dims.axis("axis", axis, data.rank());
    long outer = Dims.product(data.dims(), 0, along);
    long[] blocks = outputs.stream()
        .mapToLong(out -> Dims.product(out.dims(), along, out.rank()) * out.type().bytes()).toArray();
    return (in, out, scratch) -> {
      long from = 0;
      for (long o = 0; o < outer; o++) {
        for (int i = 0; i < blocks.length; i++) {
          if (i < out.length && out[i] != null) {
            MemorySegment.copy(in[0], from, out[i], o * blocks[i], blocks[i]);
          }
          from += blocks[i];
        }
      }
    };
  }
}

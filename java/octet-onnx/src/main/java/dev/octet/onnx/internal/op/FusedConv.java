package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Convolution of floats, a tensor that is added where there is one, and a function of each result. An
 * operator of ONNX Runtime.
 *
 * @param conv the convolution
 * @param function of each result; null where there is none
 */
record FusedConv(Conv conv, FloatMap.Loop function) implements Op {
  /** The input that is added. */
  private static final int ADDEND = 3;
  private static final Arithmetic ADD = new Arithmetic(Arithmetic.Function.ADD);

  static FusedConv read(Attributes attributes) {
    Conv conv = Conv.read(attributes);
    String name = attributes.choice("activation", "",
        Set.of("", "Relu", "Sigmoid", "Tanh", "LeakyRelu", "HardSigmoid", "Clip"));
    float[] numbers = attributes.has("activation_params")
        ? attributes.reals("activation_params")
        : new float[0];
    int count = switch (name) {
      case "LeakyRelu" -> 1;
      case "HardSigmoid", "Clip" -> 2;
      default -> 0;
    };
    if (numbers.length != count) {
      throw new IllegalArgumentException(
          "attribute activation_params: expected " + count + " of " + name + ", got "
              + numbers.length);
    }
    return new FusedConv(conv, switch (name) {
      case "" -> null;
      case "Relu" -> new Unary(Unary.Function.RELU)::floats;
      case "Sigmoid" -> new Unary(Unary.Function.SIGMOID)::floats;
      case "Tanh" -> new Unary(Unary.Function.TANH)::floats;
      case "LeakyRelu" -> new LeakyRelu(numbers[0])::floats;
      case "HardSigmoid" -> new HardSigmoid(numbers[0], numbers[1])::floats;
      default -> (x, y, n) -> Clip.limit(x, numbers[0], numbers[1], y, n);
    });
  }

  @Override
  public String type() {
    return "FusedConv";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 4);
    Inputs.floats(inputs);
    return conv.infer(inputs.subList(0, Math.min(ADDEND, inputs.size())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Kernel kernel = conv.kernel(octet, inputs.subList(0, Math.min(ADDEND, inputs.size())));
    return new Kernel() {
      @Override
      public Step plan(List<Known> in, List<Known> out) {
        Known addend = Inputs.optional(in, ADDEND);
        Known y = out.getFirst();
        if (addend != null && !Arrays.equals(addend.dims(), y.dims())) {
          throw new IllegalArgumentException(
              "input 3: expected the shape of the result, " + y + ", got " + addend);
        }
        Step step = kernel.plan(in.subList(0, Math.min(ADDEND, in.size())), out);
        return new Run(step, addend == null ? null : ADD.plan(y, addend, y), function, y.elements());
      }

      @Override
      public String name() {
        return kernel.name();
      }

      @Override
      public boolean reads(int input) {
        return input == ADDEND || kernel.reads(input);
      }

      @Override
      public void close() {
        kernel.close();
      }
    };
  }

  /**
   * A run.
   *
   * @param sum of the result and the addend; null where there is none
   * @param function of each result; null where there is none
   */
  private record Run(Step conv, Step sum, FloatMap.Loop function, long elements) implements Step {
    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      conv.run(in, out, scratch);
      if (sum != null) {
        sum.run(new MemorySegment[]{out[0], in[ADDEND]}, out, scratch);
      }
      if (function != null) {
        FloatMap.run(out[0], out[0], elements, scratch, function);
      }
    }

    @Override
    public long scratchBytes() {
      return conv.scratchBytes();
    }

    @Override
    public long arrayBytes() {
      return conv.arrayBytes();
    }
  }
}

package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Lookup;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A function of each of the 256 integers of 8 bits, by Octet's {@link Lookup}. Its table is what the node of
 * floats makes of them between DequantizeLinear and QuantizeLinear, so that no result changes.
 *
 * @param function the operator of floats; null where integers only get another scale and zero point
 * @param place which input of the operator the integers are
 * @param inputs of the operator: constants; null for the one that the integers are, and where one is left out
 * @param from of the integers
 * @param to of the results
 */
public record QuantizedFunction(Op function, int place, List<Known> inputs, Quantized from,
    Quantized to) implements Op {
  private static final int ALL = 256;

  /** Copies the inputs; one number has no axes. */
  public QuantizedFunction {
    List<Known> numbers = new ArrayList<>();
    for (Known input : inputs) {
      numbers.add(input == null ? null : input.withDims());
    }
    inputs = Collections.unmodifiableList(numbers);
  }

  /**
   * Whether an operator makes a float of each float.
   *
   * @param op the operator
   * @param constants its inputs; null for the one that is known when a model runs, and where one is left out
   */
  public static boolean isFunction(Op op, List<Known> constants) {
    return switch (op) {
      case FloatMap map -> true;
      case Gelu gelu -> true;
      case Clip clip -> constants.stream().filter(Objects::nonNull).allMatch(known -> known.elements() == 1);
      case FloatChain chain ->
        chain.inputs() == 1 && chain.links().stream().noneMatch(FloatLink::isByChannel);
      case Arithmetic arithmetic -> isNumber(constants);
      case Pow pow -> isNumber(constants);
      case Extreme extreme -> constants.size() == 2 && isNumber(constants);
      default -> false;
    };
  }

  private static boolean isNumber(List<Known> constants) {
    return constants.stream().filter(known -> known != null && known.elements() == 1).count() == 1;
  }

  @Override
  public String type() {
    return "QuantizedFunction";
  }

  @Override
  public List<Known> infer(List<Known> integers) {
    Inputs.count(integers, 1, 1);
    Inputs.type(integers, 0, Set.of(from.type()));
    return List.of(Known.shaped(to.type(), integers.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> integers) {
    byte[] table = table(octet);
    int least = from.dataType().min();
    Quantization plain = Quantization.perTensor(1, 0);
    boolean unsigned = to.type() == ElementType.U8;
    Lookup op = octet.lookup(from.dataType(), plain, to.dataType(), plain, integer -> {
      byte entry = table[(int) integer - least];
      return unsigned ? entry & 0xff : entry;
    });
    return new OctetKernel(op, 1, in -> {
      long elements = in.getFirst().elements();
      return (x, y, scratch) -> op.run(x[0], y[0], elements);
    });
  }

  /** The results for all integers, in ascending order. */
  private byte[] table(Octet octet) {
    float[] reals = new float[ALL];
    for (int i = 0; i < ALL; i++) {
      reals[i] = (from.dataType().min() + i - from.zeroPoint()) * from.scale();
    }
    byte[] table = new byte[ALL];
    QuantizeLinear.quantize(function == null ? reals : results(octet, reals), to.scale(), to.zeroPoint(),
        to.dataType().min() - to.zeroPoint(), table, ALL);
    return table;
  }

  private float[] results(Octet octet, float[] reals) {
    Known x = new Known(ElementType.F32, new long[]{ALL}, MemorySegment.ofArray(reals));
    List<Known> all = new ArrayList<>(inputs);
    all.set(place, x);
    float[] results = new float[ALL];
    try (Kernel kernel = function.kernel(octet, all)) {
      Step step = kernel.plan(all, List.of(Known.of(ElementType.F32, ALL)));
      step.run(all.stream().map(one -> one == null ? null : one.data()).toArray(MemorySegment[]::new),
          new MemorySegment[]{MemorySegment.ofArray(results)}, new Scratch());
    }
    return results;
  }
}

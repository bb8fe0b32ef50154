package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Sgemm;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Long short-term memory over sequences {@code [length][batch][inputs]}, with constant weights, the sigmoid
 * for gates and the hyperbolic tangent for cells and outputs.
 *
 * @param hidden numbers of a state
 * @param direction along which sequences are read
 */
record Lstm(long hidden, Direction direction) implements Op {
  /** The words of the attribute. */
  enum Direction {
    FORWARD, REVERSE, BIDIRECTIONAL;

    /** How many there are. */
    int count() {
      return this == BIDIRECTIONAL ? 2 : 1;
    }

    /** Whether one of them goes from the end to the start. */
    boolean isBackwards(int index) {
      return this == REVERSE || index == 1;
    }
  }

  /** Input, output, forget and cell gates. */
  private static final int GATES = 4;
  private static final int WEIGHTS = 1;
  private static final int RECURRENCE = 2;
  private static final int BIAS = 3;
  private static final int HIDDEN = 5;
  private static final int CELL = 6;

  static Lstm read(Attributes attributes) {
    Direction direction = Direction.valueOf(attributes
        .choice("direction", "forward", Set.of("forward", "reverse", "bidirectional"))
        .toUpperCase(Locale.ROOT));
    List<String> activations = attributes.texts("activations");
    for (int i = 0; i < activations.size(); i++) {
      if (!activations.get(i).equals(i % 3 == 0 ? "Sigmoid" : "Tanh")) {
        throw new UnsupportedOperationException(
            "attribute activations: only Sigmoid, Tanh and Tanh are offered, got " + activations);
      }
    }
    if (attributes.has("clip") || attributes.integer("input_forget", 0) != 0
        || attributes.integer("layout", 0) != 0) {
      throw new UnsupportedOperationException(
          "attributes clip, input_forget and layout other than 0 are not offered");
    }
    long hidden = attributes.integer("hidden_size", 0);
    if (hidden < 1 || hidden > 1 << 24) {
      throw new IllegalArgumentException("attribute hidden_size: expected 1 to 2^24, got " + hidden);
    }
    return new Lstm(hidden, direction);
  }

  @Override
  public String type() {
    return "LSTM";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 3, 8);
    if (Inputs.optional(inputs, 4) != null || Inputs.optional(inputs, 7) != null) {
      throw new UnsupportedOperationException("lengths of sequences and peepholes are not offered");
    }
    Inputs.floats(inputs);
    Known x = inputs.getFirst();
    long batch = x.hasRank() && x.rank() == 3 ? x.dims()[1] : Known.UNKNOWN;
    long columns = x.hasRank() && x.rank() == 3 ? x.dims()[2] : Known.UNKNOWN;
    int directions = direction.count();
    require(inputs, 0, Known.UNKNOWN, batch, columns);
    require(inputs, WEIGHTS, directions, GATES * hidden, columns);
    require(inputs, RECURRENCE, directions, GATES * hidden, hidden);
    require(inputs, BIAS, directions, 2 * GATES * hidden);
    require(inputs, HIDDEN, directions, batch, hidden);
    require(inputs, CELL, directions, batch, hidden);
    Known state = Known.of(ElementType.F32, directions, batch, hidden);
    return List.of(
        Known.of(ElementType.F32, x.hasRank() ? x.dims()[0] : Known.UNKNOWN, directions, batch, hidden),
        state,
        state);
  }

  /** Checks the shape of an input, where it is there, as far as it is known. */
  private static void require(List<Known> inputs, int index, long... dims) {
    Known input = Inputs.optional(inputs, index);
    if (input == null || !input.hasRank()) {
      return;
    }
    boolean fits = input.rank() == dims.length;
    for (int axis = 0; fits && axis < dims.length; axis++) {
      fits = dims[axis] < 0 || input.dims()[axis] < 0 || dims[axis] == input.dims()[axis];
    }
    if (!fits) {
      throw new IllegalArgumentException("input " + index + ": expected "
          + Known.of(ElementType.F32, dims) + ", got " + input);
    }
  }

  /**
   * The products of a direction.
   *
   * @param inputs of the inputs of all steps, {@code [inputs][gates]}, with the bias
   * @param states of the state of a step, {@code [states][gates]}, added
   */
  private record Direct(Sgemm inputs, Sgemm states) {}

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known bias = Inputs.optional(inputs, BIAS);
    if (!inputs.get(WEIGHTS).isConstant() || !inputs.get(RECURRENCE).isConstant()
        || (bias != null && !bias.isConstant())) {
      throw new UnsupportedOperationException("weights that are no constants are not offered");
    }
    if (inputs.get(WEIGHTS).elements() == 0) {
      throw new UnsupportedOperationException("inputs of no elements are not offered");
    }
    List<Sgemm> ops = new ArrayList<>();
    List<Direct> directions = new ArrayList<>();
    try {
      for (int i = 0; i < direction.count(); i++) {
        ops.add(product(octet, inputs.get(WEIGHTS), i).bias(bias(bias, i)).prepare());
        ops.add(product(octet, inputs.get(RECURRENCE), i).accumulate().prepare());
        directions.add(new Direct(ops.get(2 * i), ops.get(2 * i + 1)));
      }
    } catch (Throwable e) {
      ops.forEach(Sgemm::close);
      throw e;
    }
    return new Kernel() {
      @Override
      public Step plan(List<Known> in, List<Known> out) {
        Known x = in.getFirst();
        return new Run(directions, direction, Runs.count("steps", x.dims()[0]),
            Runs.count("rows", x.dims()[1]), (int) hidden);
      }

      @Override
      public String name() {
        return ops.getFirst().kernel();
      }

      @Override
      public boolean reads(int input) {
        return input == 0 || input == HIDDEN || input == CELL;
      }

      @Override
      public void close() {
        ops.forEach(Sgemm::close);
      }
    };
  }

  /** A product with the matrix of a direction. */
  private static Sgemm.Builder product(Octet octet, Known weights, int index) {
    long rows = weights.dims()[1];
    long columns = weights.dims()[2];
    return octet.sgemm().weights(weights.data().asSlice(4L * index * rows * columns),
        Runs.count("inputs", columns), Runs.count("gates", rows), WeightLayout.OUT_IN);
  }

  /** The sum of both halves. */
  private float[] bias(Known bias, int index) {
    int count = (int) (GATES * hidden);
    float[] result = new float[count];
    for (int i = 0; i < count && bias != null; i++) {
      long at = 2L * count * index + i;
      result[i] = Elements.real(bias.data(), at) + Elements.real(bias.data(), at + count);
    }
    return result;
  }

  /** A run. */
  private record Run(List<Direct> directions, Direction direction, int length, int batch, int hidden)
      implements
        Step {
    private long gateBytes() {
      return 4L * GATES * batch * hidden;
    }

    private long stateBytes() {
      return 4L * batch * hidden;
    }

    /** Gates of all steps, and both states. */
    @Override
    public long scratchBytes() {
      return Math.addExact(Math.multiplyExact(gateBytes(), length), 2 * stateBytes());
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment memory = scratch.memory();
      MemorySegment gates = memory.asSlice(0, gateBytes() * length);
      MemorySegment state = memory.asSlice(gateBytes() * length, stateBytes());
      MemorySegment cell = memory.asSlice(gateBytes() * length + stateBytes(), stateBytes());
      for (int d = 0; d < directions.size(); d++) {
        begin(in, HIDDEN, d, state);
        begin(in, CELL, d, cell);
        directions.get(d).inputs.run(in[0], gates, Math.multiplyExact(length, batch));
        for (int i = 0; i < length; i++) {
          int step = direction.isBackwards(d) ? length - 1 - i : i;
          MemorySegment own = gates.asSlice(gateBytes() * step, gateBytes());
          directions.get(d).states.run(state, own, batch);
          for (int row = 0; row < batch; row++) {
            row(own, state, cell, row, scratch);
          }
          if (out[0] != null) {
            MemorySegment.copy(state, 0, out[0], stateBytes() * ((long) step * directions.size() + d),
                stateBytes());
          }
        }
        end(out, 1, d, state);
        end(out, 2, d, cell);
      }
    }

    private void begin(MemorySegment[] in, int index, int d, MemorySegment state) {
      if (index < in.length && in[index] != null) {
        MemorySegment.copy(in[index], stateBytes() * d, state, 0, stateBytes());
      } else {
        state.fill((byte) 0);
      }
    }

    private void end(MemorySegment[] out, int index, int d, MemorySegment state) {
      if (index < out.length && out[index] != null) {
        MemorySegment.copy(state, 0, out[index], stateBytes() * d, stateBytes());
      }
    }

    /** Makes the next state of a row of the batch. */
    private void row(MemorySegment gates, MemorySegment state, MemorySegment cell, int row, Scratch scratch) {
      float[] z = scratch.floats(0, GATES * hidden);
      float[] c = scratch.floats(1, hidden);
      float[] h = scratch.floats(2, hidden);
      long at = 4L * row * hidden;
      MemorySegment.copy(gates, Elements.FLOAT, GATES * at, z, 0, GATES * hidden);
      MemorySegment.copy(cell, Elements.FLOAT, at, c, 0, hidden);
      for (int i = 0; i < hidden; i++) {
        float input = sigmoid(z[i]);
        float output = sigmoid(z[hidden + i]);
        float forget = sigmoid(z[2 * hidden + i]);
        c[i] = forget * c[i] + input * (float) Math.tanh(z[3 * hidden + i]);
        h[i] = output * (float) Math.tanh(c[i]);
      }
      MemorySegment.copy(c, 0, cell, Elements.FLOAT, at, hidden);
      MemorySegment.copy(h, 0, state, Elements.FLOAT, at, hidden);
    }

    private static float sigmoid(float x) {
      return (float) (1 / (1 + Math.exp(-x)));
    }
  }
}

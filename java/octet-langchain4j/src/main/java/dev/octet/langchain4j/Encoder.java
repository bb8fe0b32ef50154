package dev.octet.langchain4j;

import dev.octet.Shape;
import dev.octet.onnx.PreparedOnnx;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;

/** A prepared model of the BERT family: ids of tokens to one vector. Safe for use by threads. */
final class Encoder implements AutoCloseable {
  private static final String IDS = "input_ids";
  private static final String MASK = "attention_mask";
  private static final String TYPES = "token_type_ids";
  private static final List<String> INPUTS = List.of(IDS, MASK, TYPES);

  /** The memory of so many runs is kept; more at once have memory of their own. */
  private static final int KEPT = 16;

  private final PreparedOnnx model;
  private final Pooling pooling;
  private final TensorInfo hidden;
  private final int dimension;
  private final ArrayBlockingQueue<OutputMemory> free = new ArrayBlockingQueue<>(KEPT);

  /**
   * An encoder.
   *
   * @param model closed with this
   * @param pooling of its first output
   * @throws IllegalArgumentException if its inputs or its first output are not those of such a model
   */
  Encoder(PreparedOnnx model, Pooling pooling) {
    this.model = model;
    this.pooling = pooling;
    this.hidden = model.outputs().getFirst();
    for (TensorInfo input : model.inputs()) {
      require(INPUTS.contains(input.name()) && input.type() == ElementType.I64,
          "model: expected inputs of I64 among " + INPUTS + ", got " + input);
    }
    require(model.inputs().stream().anyMatch(input -> input.name().equals(IDS)),
        "model: expected input " + IDS + ", got " + model.inputs());
    require(hidden.type() == ElementType.F32 && hidden.dimensions().map(List::size).orElse(3) == 3,
        "model: expected a first output of F32 [batch, tokens, dimensions], got " + hidden);
    this.dimension = Math.toIntExact(dimension());
  }

  private static void require(boolean fits, String message) {
    if (!fits) {
      throw new IllegalArgumentException(message);
    }
  }

  private long dimension() {
    Dimension last = hidden.dimensions().map(List::getLast).orElse(new Dimension(Dimension.UNKNOWN, ""));
    if (last.isFixed()) {
      return last.length();
    }
    Map<String, Shape> shapes = new HashMap<>();
    model.inputs().forEach(input -> shapes.put(input.name(), Shape.of(1, 2)));
    return model.outputShapes(shapes).get(hidden.name()).dim(2);
  }

  /** The length of the vectors. */
  int dimensions() {
    return dimension;
  }

  /** The vector of a text, or of a part of one. */
  float[] encode(long[] ids) {
    Shape shape = Shape.of(1, ids.length);
    Map<String, Tensor> inputs = new HashMap<>();
    Map<String, Shape> shapes = new HashMap<>();
    for (TensorInfo input : model.inputs()) {
      long[] values = input.name().equals(IDS) ? ids : new long[ids.length];
      if (input.name().equals(MASK)) {
        Arrays.fill(values, 1);
      }
      inputs.put(input.name(), Tensor.longs(shape, values));
      shapes.put(input.name(), shape);
    }
    OutputMemory kept = free.poll();
    OutputMemory memory = kept == null ? new OutputMemory() : kept;
    Map<String, Tensor> outputs = memory.tensors(model.outputs(), model.outputShapes(shapes));
    model.run(inputs, outputs);
    MemorySegment rows = outputs.get(hidden.name()).data();
    float[] vector = pooling == Pooling.CLS
        ? Vectors.row(rows, 0, new float[dimension])
        : Vectors.mean(rows, dimension);
    free.offer(memory);
    return vector;
  }

  /** Dimensions and pooling. */
  @Override
  public String toString() {
    return dimension + " dimensions, " + pooling;
  }

  @Override
  public void close() {
    model.close();
  }
}

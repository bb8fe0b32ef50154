package dev.octet.spark;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.PreparedOnnx;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An ONNX model of floats; rows are run together where its inputs have a batch. */
final class OnnxFloats implements FloatModel {
  private static final int BATCH = 32;
  /**
   * Parts of the names of operators with which rows of a batch change each other: those that quantize a whole
   * tensor by its range, and products whose order of summation depends on the number of rows.
   */
  private static final List<String> OF_WHOLE_TENSORS = List.of("DynamicQuantize", "MatMulNBits");

  private final PreparedOnnx model;
  private final int[] lengths;
  private final boolean batched;
  private final int batchRows;

  private OnnxFloats(PreparedOnnx model, boolean independent) {
    this.model = model;
    List<TensorInfo> inputs = model.inputs();
    this.batched = !inputs.isEmpty() && inputs.stream().allMatch(OnnxFloats::hasBatch);
    this.lengths = inputs.stream().mapToInt(input -> length(input, batched)).toArray();
    this.batchRows = batched && independent ? BATCH : 1;
  }

  static OnnxFloats of(OnnxModel file, Octet octet, OnnxOptions options) {
    boolean independent = file.operators().keySet().stream()
        .noneMatch(operator -> OF_WHOLE_TENSORS.stream().anyMatch(operator::contains));
    PreparedOnnx model = file.prepare(octet, options);
    try {
      return new OnnxFloats(model, independent);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  private static boolean hasBatch(TensorInfo input) {
    return input.dimensions().filter(dims -> !dims.isEmpty() && !dims.getFirst().isFixed()).isPresent();
  }

  private static int length(TensorInfo input, boolean batched) {
    List<Dimension> dims = input.dimensions().orElse(List.of(new Dimension(Dimension.UNKNOWN, "")));
    long length = 1;
    for (Dimension dim : dims.subList(batched ? 1 : 0, dims.size())) {
      if (input.type() != ElementType.F32 || !dim.isFixed() || dim.length() < 1) {
        throw unfit(input);
      }
      length = Math.multiplyExact(length, dim.length());
    }
    if (input.type() != ElementType.F32 || length > Integer.MAX_VALUE) {
      throw unfit(input);
    }
    return (int) length;
  }

  private static IllegalArgumentException unfit(TensorInfo input) {
    return new IllegalArgumentException("model: expected inputs of F32 whose dimensions are known but for the"
        + " batch, the first one of all or of none, got " + input);
  }

  @Override
  public int[] lengths() {
    return lengths.clone();
  }

  @Override
  public int batchRows() {
    return batchRows;
  }

  @Override
  public void requireOutputs(int outputs) {
    List<TensorInfo> all = model.outputs();
    if (outputs > all.size()
        || all.subList(0, outputs).stream().anyMatch(output -> output.type() != ElementType.F32)) {
      throw new IllegalArgumentException(
          "output columns: expected at most as many as the model has outputs, of F32, got " + outputs
              + " for " + all);
    }
  }

  @Override
  public List<float[][]> run(List<float[][]> rows, int outputs) {
    List<float[][]> results = new ArrayList<>();
    int step = batched ? rows.size() : 1;
    for (int first = 0; first < rows.size(); first += step) {
      run(rows.subList(first, first + step), outputs, results);
    }
    return results;
  }

  @Override
  public void close() {
    model.close();
  }

  private void run(List<float[][]> rows, int outputs, List<float[][]> results) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (int input = 0; input < lengths.length; input++) {
      TensorInfo info = model.inputs().get(input);
      float[] values = new float[Math.multiplyExact(rows.size(), lengths[input])];
      for (int row = 0; row < rows.size(); row++) {
        System.arraycopy(rows.get(row)[input], 0, values, row * lengths[input], lengths[input]);
      }
      inputs.put(info.name(), Tensor.floats(shape(info, rows.size()), values));
    }
    Map<String, Tensor> computed = model.run(inputs);
    float[][][] split = new float[rows.size()][outputs][];
    for (int output = 0; output < outputs; output++) {
      Tensor tensor = computed.get(model.outputs().get(output).name());
      Shape shape = tensor.shape();
      if (batched && (shape.rank() < 1 || shape.dim(0) != rows.size())) {
        throw new IllegalArgumentException("output " + model.outputs().get(output).name()
            + ": expected the batch of " + rows.size() + " as its first dimension, got " + shape);
      }
      float[] values = tensor.floats();
      int length = values.length / rows.size();
      for (int row = 0; row < rows.size(); row++) {
        split[row][output] = Arrays.copyOfRange(values, row * length, (row + 1) * length);
      }
    }
    results.addAll(Arrays.asList(split));
  }

  private Shape shape(TensorInfo input, int rows) {
    long[] dims = input.dimensions().orElseThrow().stream().mapToLong(Dimension::length).toArray();
    if (batched) {
      dims[0] = rows;
    }
    return Shape.of(dims);
  }
}

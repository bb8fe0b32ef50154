package dev.octet.spark;

import dev.octet.Engine;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Runs a model of floats over the rows of a partition.
 *
 * @param spec the model
 * @param batchRows the most of a batch, 0: what the model says
 * @param inputs the indices of the input columns
 * @param outputs how many columns are new
 * @param policy for bad rows
 */
record FloatTask(ModelSpec<FloatModel> spec, int batchRows, List<Integer> inputs, int outputs,
    RowPolicy policy) implements Serializable {
  Iterator<Row> run(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return rows; // and no model
    }
    Floats model = new Floats(ExecutorModels.ofTask(spec));
    return new RowBatches<>(rows, model, batchRows == 0 ? model.floats.batchRows() : batchRows, policy);
  }

  /** The model of columns of floats. */
  private final class Floats implements RowModel<float[][]> {
    private final FloatModel floats;
    private final Engine engine;
    private final int[] lengths;

    Floats(ModelSlot.Lease<FloatModel> prepared) {
      this.floats = prepared.model();
      this.engine = prepared.engine();
      this.lengths = floats.lengths();
      if (lengths.length != inputs.size()) {
        throw new IllegalArgumentException("input columns: expected " + lengths.length
            + ", one for each input of the model, got " + inputs.size());
      }
      floats.requireOutputs(outputs);
    }

    @Override
    public float[][] read(Row row) throws BadRowException {
      float[][] arrays = new float[inputs.size()][];
      for (int input = 0; input < arrays.length; input++) {
        arrays[input] = array(row, inputs.get(input), lengths[input]);
      }
      return arrays;
    }

    private float[] array(Row row, int column, int length) throws BadRowException {
      List<Float> numbers = row.isNullAt(column) ? null : row.getList(column);
      String expected = "column " + row.schema().fieldNames()[column] + ": expected "
          + (length == FloatModel.ANY ? "" : length + " ") + "finite numbers, got ";
      if (numbers == null || (length != FloatModel.ANY && numbers.size() != length)) {
        throw new BadRowException(expected + (numbers == null ? "null" : numbers.size() + " numbers"));
      }
      float[] array = new float[numbers.size()];
      for (int i = 0; i < array.length; i++) {
        Float number = numbers.get(i);
        if (number == null || !Float.isFinite(number)) {
          throw new BadRowException(expected + number + " at " + i);
        }
        array[i] = number;
      }
      return array;
    }

    @Override
    public int tokens(float[][] item) {
      return 0;
    }

    @Override
    public int size(float[][] item) {
      return 1;
    }

    @Override
    public List<float[][]> run(List<float[][]> items) {
      return floats.run(items, outputs);
    }

    @Override
    public int columns() {
      return outputs;
    }

    @Override
    public Engine engine() {
      return engine;
    }
  }
}

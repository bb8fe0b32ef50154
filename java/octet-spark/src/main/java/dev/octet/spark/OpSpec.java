package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.Octet;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * Ops that a program prepares.
 *
 * @param id of the factory, which is another object in each task
 * @param factory prepares them
 * @param engine null: the best one there
 */
record OpSpec(UUID id, OpFactory factory, Engine engine) implements ModelSpec<FloatModel> {
  @Override
  public FloatModel prepare(Octet octet, int threads) {
    OpFactory.RowFunction function = Objects.requireNonNull(factory.open(octet), "the factory's function");
    return new FloatModel() {
      @Override
      public int[] lengths() {
        return new int[]{ANY};
      }

      @Override
      public int batchRows() {
        return 1;
      }

      @Override
      public List<float[][]> run(List<float[][]> rows, int outputs) {
        return rows.stream().map(row -> new float[][]{
            Objects.requireNonNull(function.apply(row[0]), "the result of a row")}).toList();
      }

      @Override
      public void close() {
        // ops stay until the JVM ends: a factory has no files that could be others
      }

      @Override
      public void requireOutputs(int outputs) {
        if (outputs != 1) {
          throw new IllegalArgumentException("output columns: expected one, got " + outputs);
        }
      }
    };
  }

  @Override
  public List<Path> files() {
    return List.of();
  }

  @Override
  public List<Path> dataFiles() {
    return List.of();
  }

  @Override
  public void close(FloatModel prepared) {
    prepared.close();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OpSpec spec && id.equals(spec.id) && engine == spec.engine;
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, engine);
  }
}

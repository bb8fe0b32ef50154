package dev.octet.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Recorded inputs of two layers, made up, with outliers, zeros and numbers that bins of all sizes hold. */
final class RecordedRows {
  static final StructType SCHEMA = new StructType().add("layer", DataTypes.StringType).add("values",
      DataTypes.createArrayType(DataTypes.FloatType));

  /** A row of the Dataset. */
  record Batch(String layer, float[] values) {}

  private RecordedRows() {}

  /**
   * Rows.
   *
   * @param layer whose inputs they are
   * @param features of a row of the layer; each batch has one or two of them
   * @param batches how many
   */
  static List<Batch> of(String layer, int features, int batches, Random random) {
    List<Batch> rows = new ArrayList<>();
    for (int batch = 0; batch < batches; batch++) {
      float[] values = new float[features * (1 + random.nextInt(2))];
      float scale = Math.scalb(1f, random.nextInt(-20, 4));
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(8) == 0 ? 0 : scale * (float) random.nextGaussian();
      }
      rows.add(new Batch(layer, values));
    }
    return rows;
  }

  static Dataset<Row> dataset(List<Batch> rows) {
    return LocalSpark.session().createDataFrame(
        rows.stream().map(row -> RowFactory.create(row.layer(), row.values())).toList(), SCHEMA);
  }
}

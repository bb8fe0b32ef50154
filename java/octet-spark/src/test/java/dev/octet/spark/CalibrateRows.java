package dev.octet.spark;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Observer;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A program of docs/scale-out.md: the lines between the two marks stand there word for word. */
final class CalibrateRows {
  private CalibrateRows() {}

  static Quantization run(SparkSession spark, String path) {
    // README
    Dataset<Row> inputs = spark.read().parquet(path); // layer: string, values: array<float>
    Map<String, Observer> ranges = SparkCalibration.of(CalibrationMethod.entropy()).observe(inputs);
    Quantization u8 = ranges.get("fc1").quantization(DataType.U8, false);
    // README
    return u8;
  }
}

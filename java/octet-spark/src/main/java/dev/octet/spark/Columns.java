package dev.octet.spark;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Checks columns. */
final class Columns {
  private Columns() {}

  /** Refuses a schema without a column. */
  static void require(StructType schema, String name) {
    List<String> names = List.of(schema.fieldNames());
    if (!names.contains(name)) {
      throw new IllegalArgumentException("column " + name + ": expected one of that name, got " + names);
    }
  }

  /** Refuses a schema without a column of a type. */
  static void require(StructType schema, String name, DataType type) {
    require(schema, name);
    DataType got = schema.apply(name).dataType();
    if (!DataType.equalsIgnoreNullability(got, type)) {
      throw new IllegalArgumentException("column " + name + ": expected " + type.simpleString() + ", got "
          + got.simpleString());
    }
  }
}

package dev.octet.spark;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
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

  /**
   * The index of a column that names rows.
   *
   * @param name null where there is none
   * @return -1 where there is none
   */
  static int key(StructType schema, String name) {
    return name == null ? -1 : schema.fieldIndex(name);
  }

  /** The schema with one more column, of arrays of float that may be null. */
  static StructType withFloats(StructType schema, String name) {
    if (List.of(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException("column " + name + ": is there already");
    }
    return schema.add(name, DataTypes.createArrayType(DataTypes.FloatType, false), true);
  }
}

package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.junit.jupiter.api.Test;

/** Arrays of rows in both forms that Spark has. */
class FloatReaderTest {
  private static final long SEED = 5;

  @Test
  void bothFormsOfAllLengths() {
    Random random = new Random(SEED);
    FloatReader reader = new FloatReader();
    for (int length : new int[]{0, 1, 63, 64, 64, 65, 200, 3}) {
      float[] values = new float[length];
      Object[] boxed = new Object[length];
      for (int i = 0; i < length; i++) {
        values[i] = (float) random.nextGaussian();
        boxed[i] = values[i];
      }
      String what = length + " numbers, seed " + SEED;
      assertArrayEquals(values, reader.read("fc1", UnsafeArrayData.fromPrimitiveArray(values)), what);
      assertArrayEquals(values, reader.read("fc1", new GenericArrayData(boxed)), what);
    }
  }

  @Test
  void nullIsNamedByItsPosition() {
    FloatReader reader = new FloatReader();
    for (int at : new int[]{0, 63, 64, 129}) {
      UnsafeArrayData unsafe = UnsafeArrayData.fromPrimitiveArray(new float[130]);
      unsafe.setNullAt(at);
      Object[] boxed = new Object[130];
      Arrays.fill(boxed, 1f);
      boxed[at] = null;
      for (ArrayData numbers : new ArrayData[]{unsafe, new GenericArrayData(boxed)}) {
        assertEquals("row of layer fc1: expected a number at " + at + ", got null",
            assertThrows(IllegalArgumentException.class, () -> reader.read("fc1", numbers)).getMessage());
      }
    }
  }
}

package dev.octet.spark;

import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.bitset.BitSetMethods;

/** Reads arrays of floats of rows as Spark has them, into one array while they have the same length. */
final class FloatReader {
  private float[] values = new float[0];

  /**
   * Reads an array.
   *
   * @return valid up to the next call
   * @throws IllegalArgumentException if an element is null, named by layer and position
   */
  float[] read(String layer, ArrayData numbers) {
    if (numbers instanceof UnsafeArrayData unsafe) {
      return read(layer, unsafe);
    }
    requireNoNull(layer, numbers);
    return numbers.toFloatArray();
  }

  /** A long for the number of elements, a bit for each that is null, in whole longs, the elements. */
  private float[] read(String layer, UnsafeArrayData numbers) {
    int count = numbers.numElements();
    // element by element takes a tenth of the time that it takes to observe them
    if (BitSetMethods.anySet(numbers.getBaseObject(), numbers.getBaseOffset() + Long.BYTES,
        Math.ceilDiv(count, Long.SIZE))) {
      requireNoNull(layer, numbers);
    }
    if (values.length != count) {
      values = new float[count];
    }
    Platform.copyMemory(numbers.getBaseObject(),
        numbers.getBaseOffset() + UnsafeArrayData.calculateHeaderPortionInBytes(count), values,
        Platform.FLOAT_ARRAY_OFFSET, (long) count * Float.BYTES);
    return values;
  }

  private static void requireNoNull(String layer, ArrayData numbers) {
    for (int i = 0; i < numbers.numElements(); i++) {
      if (numbers.isNullAt(i)) {
        throw new IllegalArgumentException("row of layer " + layer + ": expected a number at " + i
            + ", got null");
      }
    }
  }
}

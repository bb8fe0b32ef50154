package dev.octet.quantize.file;

import dev.octet.QTensor;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Floats of 8 bits with a scale for the tensor, for each row, or for each 128 x 128. */
final class Float8Tensor extends ForeignTensor {
  private static final int BLOCK = 128;
  private final StoredType type;
  private final MemorySegment codes;
  private final StoredTensor scales;
  /** Rows and columns that share a scale. */
  private final long rowsOfScale;
  private final long columnsOfScale;

  private Float8Tensor(Parts parts, StoredTensor codes, StoredTensor scales, long rowsOfScale,
      long columnsOfScale) {
    super(parts, codes.shape());
    this.type = codes.type();
    this.codes = codes.data();
    this.scales = scales;
    this.rowsOfScale = rowsOfScale;
    this.columnsOfScale = columnsOfScale;
  }

  static Float8Tensor of(Parts parts) {
    StoredTensor codes = parts.get(".weight") == null ? parts.require("") : parts.get(".weight");
    if (codes.type() != StoredType.F8_E4M3 && codes.type() != StoredType.F8_E5M2) {
      throw parts.unsupported("F8_E4M3 and F8_E5M2 are read, got " + codes);
    }
    StoredTensor scales = scales(parts, codes);
    long rows = codes.shape().rank() == 2 ? codes.shape().dim(0) : -1;
    long columns = GgufTensor.rowElements(codes.shape());
    if (!scales.type().isFloat()) {
      throw parts.unsupported("scales of floats are read, got " + scales);
    }
    if (scales.shape().elements() == 1) {
      return new Float8Tensor(parts, codes, scales, Long.MAX_VALUE, Long.MAX_VALUE);
    }
    if (rows >= 0 && (scales.shape().equals(Shape.of(rows)) || scales.shape().equals(Shape.of(rows, 1)))) {
      return new Float8Tensor(parts, codes, scales, 1, Long.MAX_VALUE);
    }
    if (rows > 0 && scales.shape().equals(Shape.of(blocks(rows), blocks(columns)))) {
      return new Float8Tensor(parts, codes, scales, BLOCK, BLOCK);
    }
    throw parts.unsupported("a scale per tensor, per row of a matrix or per " + BLOCK + " x " + BLOCK
        + " is read, got " + scales + " for " + codes);
  }

  private static StoredTensor scales(Parts parts, StoredTensor codes) {
    for (String ending : new String[]{"_scale_inv", "_scale"}) {
      StoredTensor scales = parts.tensors().get(codes.name() + ending);
      if (scales != null) {
        return scales;
      }
    }
    StoredTensor scales = parts.get(".scale_weight");
    return scales == null ? parts.require(".scale") : scales;
  }

  private static long blocks(long elements) {
    return (elements + BLOCK - 1) / BLOCK;
  }

  @Override
  void fill(long row, float[] dst) {
    int columns = (int) GgufTensor.rowElements(shape());
    long perRow = columnsOfScale == BLOCK ? blocks(columns) : 1;
    float[] its = new float[(int) perRow];
    scales.floats(row / rowsOfScale * perRow, its, 0, its.length);
    for (int i = 0; i < columns; i++) {
      byte code = codes.get(ValueLayout.JAVA_BYTE, row * columns + i);
      dst[i] = (type == StoredType.F8_E4M3 ? e4m3(code) : e5m2(code)) * its[(int) (i / columnsOfScale)];
    }
  }

  @Override
  QTensor toIntegers() {
    throw unsupported("floats of 8 bits are no integers with a scale, and Octet has no law for their"
        + " products; read rows of floats");
  }

  private static float e4m3(byte code) {
    int magnitude = code & 0x7f;
    // As a float whose exponent is too small by 127 - 7: one exact multiplication.
    float value = magnitude == 0x7f ? Float.NaN : Float.intBitsToFloat(magnitude << 20) * 0x1p120f;
    return code < 0 ? -value : value;
  }

  /** The upper byte of a binary16. */
  private static float e5m2(byte code) {
    return Float.float16ToFloat((short) (code << 8));
  }
}

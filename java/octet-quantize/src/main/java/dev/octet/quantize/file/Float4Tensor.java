package dev.octet.quantize.file;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** E2M1, two to a byte, the even one low, with a scale of 8 bits for each 16 or 32. */
final class Float4Tensor extends ForeignTensor {
  private static final int NAN_E8M0 = 255;
  private static final int NAN_E4M3 = 0x7f;
  private final BlockFormat format;
  private final MemorySegment codes;
  private final MemorySegment scales;
  private final float factor;

  private Float4Tensor(Parts parts, Shape shape, BlockFormat format, StoredTensor codes, StoredTensor scales,
      float factor) {
    super(parts, shape);
    this.format = format;
    this.codes = codes.data();
    this.scales = scales.data();
    this.factor = factor;
    if (GgufTensor.rowElements(shape) % format.elements() != 0) {
      throw parts.unsupported("rows of whole blocks of " + format.elements() + " are read, got " + shape);
    }
    if (!Float.isFinite(factor)) {
      throw parts.malformed("expected a factor that is finite, got " + factor);
    }
  }

  /** NAME_blocks [...][rows][blocks][16] with NAME_scales [...][rows][blocks]. */
  static Float4Tensor mxfp4(Parts parts) {
    StoredTensor codes = parts.get("_blocks");
    if (codes == null) {
      throw parts.unsupported("NAME_blocks with NAME_scales are read");
    }
    StoredTensor scales = parts.require("_scales");
    long[] dims = scales.shape().toArray();
    if (dims.length < 2 || scales.type().bits() != 8 || codes.type().bits() != 8) {
      throw parts.malformed("expected bytes of two or more dimensions, got " + scales);
    }
    long[] blocks = Arrays.copyOf(dims, dims.length + 1);
    blocks[dims.length] = BlockFormat.MXFP4.elements() / 2;
    parts.requireShape(codes, shape(parts, blocks));
    return new Float4Tensor(parts, elements(parts, dims, BlockFormat.MXFP4), BlockFormat.MXFP4, codes, scales,
        1);
  }

  static Float4Tensor modelOpt(Parts parts) {
    return nvfp4(parts, ".weight", single(parts, ".weight_scale_2"));
  }

  static Float4Tensor compressedTensors(Parts parts) {
    return nvfp4(parts, ".weight_packed", 1 / single(parts, ".weight_global_scale"));
  }

  private static Float4Tensor nvfp4(Parts parts, String ending, float factor) {
    StoredTensor codes = parts.require(ending);
    StoredTensor scales = parts.require(".weight_scale");
    long[] dims = scales.shape().toArray();
    if (dims.length < 2 || scales.type() != StoredType.F8_E4M3 || codes.type() != StoredType.U8) {
      throw parts.unsupported("bytes with scales of F8_E4M3 are read, got " + codes + " and " + scales);
    }
    Shape shape = elements(parts, dims, BlockFormat.NVFP4);
    long[] pairs = shape.toArray();
    pairs[pairs.length - 1] /= 2;
    parts.requireShape(codes, Shape.of(pairs));
    return new Float4Tensor(parts, shape, BlockFormat.NVFP4, codes, scales, factor);
  }

  private static float single(Parts parts, String ending) {
    StoredTensor tensor = parts.require(ending);
    if (tensor.type() != StoredType.F32 || tensor.shape().elements() != 1) {
      throw parts.malformed("expected one F32 as " + tensor.name() + ", got " + tensor);
    }
    return tensor.floats()[0];
  }

  /** The shape of elements whose scales have that of the dimensions. */
  private static Shape elements(Parts parts, long[] scales, BlockFormat format) {
    long[] dims = scales.clone();
    if (dims[dims.length - 1] > Integer.MAX_VALUE / format.groupSize()) {
      throw parts.malformed("expected rows of less than 2^31 elements, got " + dims[dims.length - 1]
          + " scales");
    }
    dims[dims.length - 1] *= format.groupSize();
    return shape(parts, dims);
  }

  private static Shape shape(Parts parts, long[] dims) {
    try {
      return Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw parts.malformed(e.getMessage());
    }
  }

  @Override
  public float factor() {
    return factor;
  }

  @Override
  void fill(long row, float[] dst) {
    int columns = (int) GgufTensor.rowElements(shape());
    BlockTensor.of(format, Shape.of(columns), MemorySegment.ofArray(bytes(row, 1))).dequantize(0, dst);
    for (int i = 0; i < columns; i++) {
      dst[i] *= factor;
    }
  }

  @Override
  BlockTensor toBlocks() {
    return BlockTensor.of(format, shape(), MemorySegment.ofArray(bytes(0, rows())));
  }

  /** Rows as blocks: the scales of a block, then for each group its codes, the first half of them low. */
  private byte[] bytes(long firstRow, long rows) {
    long columns = GgufTensor.rowElements(shape());
    int group = format.groupSize();
    int groups = format.elements() / group;
    long blocks = rows * (columns / format.elements());
    byte[] bytes = new byte[Math.toIntExact(Math.multiplyExact(blocks, (long) format.bytes()))];
    long firstGroup = firstRow * (columns / group);
    int at = 0;
    for (long block = 0; block < blocks; block++) {
      for (int g = 0; g < groups; g++) {
        bytes[at++] = scale(firstGroup + block * groups + g);
      }
      for (int g = 0; g < groups; g++) {
        long element = (firstGroup + block * groups + g) * group;
        for (int i = 0; i < group / 2; i++) {
          bytes[at++] = (byte) (code(element + i) | (code(element + group / 2 + i) << 4));
        }
      }
    }
    return bytes;
  }

  private int code(long element) {
    return ((codes.get(ValueLayout.JAVA_BYTE, element / 2) & 0xff) >> (int) (element % 2 * 4)) & 15;
  }

  private byte scale(long group) {
    int scale = scales.get(ValueLayout.JAVA_BYTE, group) & 0xff;
    if (format == BlockFormat.MXFP4 ? scale == NAN_E8M0 : scale >= NAN_E4M3) {
      throw new MalformedFileException(
          this + ": expected scales that are numbers and not negative, got 0x" + Integer.toHexString(scale));
    }
    return (byte) scale;
  }
}

package dev.octet.quantize.file;

import dev.octet.BlockTensor;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.quantize.mapped.Mapping;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Reads a weight that another tool has quantized: as floats, and, where that is exact, as integers or blocks.
 * Output features are axis 0, whatever the file has. Safe for any number of threads; a view of the file,
 * which goes when it is closed.
 *
 * <p>
 * Read are GPTQ and AWQ of 4 and 8 bits, compressed-tensors' pack-quantized of 4 and 8 bits
 * ({@link #integers()}), MXFP4 as {@code NAME_blocks} with {@code NAME_scales}, NVFP4 of compressed-tensors
 * and of ModelOpt ({@link #blocks()}), and FP8 with a scale per tensor, per row or per 128 x 128, which has
 * no integers.
 */
public abstract sealed class ForeignTensor permits PackedIntegers, Float4Tensor, Float8Tensor {
  private final ForeignWeights weights;
  private final Runnable requireUnchanged;
  private final Shape shape;

  ForeignTensor(Parts parts, Shape shape) {
    this.weights = parts.weights;
    this.requireUnchanged = parts.file::requireUnchanged;
    this.shape = shape;
  }

  /**
   * The tensors of a layer by their endings.
   *
   * @param file their file
   * @param weights the layer
   * @param tensors by name
   */
  record Parts(WeightFile file, ForeignWeights weights, Map<String, StoredTensor> tensors) {
    /** A tensor, or null. */
    StoredTensor get(String ending) {
      return ForeignForms.part(weights.layer(), ending, tensors);
    }

    /** A tensor, or a refusal that names what is missing. */
    StoredTensor require(String ending) {
      StoredTensor tensor = get(ending);
      if (tensor == null) {
        throw malformed("expected a tensor that ends in " + ending);
      }
      return tensor;
    }

    MalformedFileException malformed(String message) {
      return new MalformedFileException(weights.format() + " weights " + weights.layer() + ": " + message);
    }

    /** Refuses a tensor of another shape. */
    void requireShape(StoredTensor tensor, Shape expected) {
      if (!tensor.shape().equals(expected)) {
        throw malformed("expected " + tensor.name() + " of shape " + expected + ", got " + tensor);
      }
    }

    /** Refuses a tensor of another rank. */
    void requireRank(StoredTensor tensor, int rank) {
      if (tensor.shape().rank() != rank) {
        throw malformed("expected " + tensor.name() + " with " + rank + " dimensions, got " + tensor);
      }
    }

    UnsupportedOperationException unsupported(String what) {
      return new UnsupportedOperationException(
          weights.format() + " weights " + weights.layer() + ": " + what);
    }
  }

  /**
   * Finds out what a layer's tensors are.
   *
   * @param file a file
   * @param weights one of its {@link WeightFile#foreign()}
   * @return the weight
   * @throws UnsupportedOperationException if the form is none of those above, or has a width or scales that
   *         are not read
   * @throws MalformedFileException if tensors are missing or do not fit each other
   * @throws java.io.UncheckedIOException if a file was written to since it was opened
   */
  public static ForeignTensor of(WeightFile file, ForeignWeights weights) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(weights, "weights");
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    weights.tensors().forEach(name -> tensors.put(name, file.tensor(name)));
    Parts parts = new Parts(file, weights, tensors);
    return Mapping.reading(file::requireUnchanged, () -> switch (weights.format()) {
      case "GPTQ" -> PackedIntegers.gptq(parts, 1);
      case ForeignForms.GPTQ_V2 -> PackedIntegers.gptq(parts, 0);
      case "AWQ" -> PackedIntegers.awq(parts);
      case "compressed-tensors pack-quantized" -> PackedIntegers.packQuantized(parts);
      case "MXFP4" -> Float4Tensor.mxfp4(parts);
      case "NVFP4" -> Float4Tensor.modelOpt(parts);
      case "compressed-tensors NVFP4" -> Float4Tensor.compressedTensors(parts);
      case "FP8", "FP8 per block" -> Float8Tensor.of(parts);
      default -> throw parts.unsupported("this form is not read");
    });
  }

  /**
   * Returns the layer and the form.
   *
   * @return those that were asked for
   */
  public ForeignWeights weights() {
    return weights;
  }

  /**
   * Returns the shape, with elements counted, not bytes.
   *
   * @return {@code [out][in]}, or {@code [experts][out][in]}
   */
  public Shape shape() {
    return shape;
  }

  /**
   * Returns the number of rows.
   *
   * @return the product of all dimensions but the last one
   */
  public long rows() {
    return shape.elements() == 0 ? 0 : shape.elements() / GgufTensor.rowElements(shape);
  }

  /**
   * Reads a row as floats: each product of integer and scale is rounded once, and once more with a
   * {@link #factor()}.
   *
   * @param row from 0 to {@link #rows()} - 1
   * @param dst takes the row from its first element on; at least as long as the last dimension
   * @throws IndexOutOfBoundsException if there is no such row, or dst is too short
   * @throws MalformedFileException if the row needs a part of the file that does not fit it
   * @throws java.io.UncheckedIOException if the memory is a file's that was truncated
   */
  public void row(long row, float[] dst) {
    Objects.requireNonNull(dst, "dst");
    Objects.checkIndex(row, rows());
    Objects.checkFromIndexSize(0L, GgufTensor.rowElements(shape), (long) dst.length);
    StoredTensor.readable(weights.layer(), () -> {
      fill(row, dst);
      return dst;
    });
  }

  /**
   * Returns the weight as integers with scales and zero points: the same numbers as the other tool's.
   * Products take U4 and S8 in groups of 16 to 256, and U8 with a scale for each output feature; other
   * integers are to be read as floats there. Integers of 8 bits in groups whose zero points are all 128 are
   * S8, 128 less each.
   *
   * @return U4, U8 or S8 {@code [out][in]}; a view of the file where its bytes are Octet's, a copy elsewhere
   * @throws UnsupportedOperationException if the form has no integers, groups are not in order, or Octet has
   *         no such groups or zero points
   * @throws MalformedFileException if zero points or groups do not fit
   * @throws java.io.UncheckedIOException if a file was written to since it was opened
   */
  public QTensor integers() {
    return reading(this::toIntegers);
  }

  /**
   * Returns the weight as blocks, which {@link #factor()} multiplies.
   *
   * @return MXFP4 or NVFP4, a copy: its nibbles lie in another order
   * @throws UnsupportedOperationException if the form is another, or rows are no whole blocks
   * @throws MalformedFileException if a scale is NaN or negative
   * @throws java.io.UncheckedIOException if a file was written to since it was opened
   */
  public BlockTensor blocks() {
    return reading(this::toBlocks);
  }

  /**
   * Returns what multiplies all blocks: of NVFP4 ModelOpt's {@code weight_scale_2}, or one over
   * compressed-tensors' {@code weight_global_scale}.
   *
   * @return 1 for all other forms
   */
  public float factor() {
    return 1;
  }

  abstract void fill(long row, float[] dst);

  QTensor toIntegers() {
    throw unsupported("has no integers");
  }

  BlockTensor toBlocks() {
    throw unsupported("has no blocks of floats of 4 bits");
  }

  final UnsupportedOperationException unsupported(String what) {
    return new UnsupportedOperationException(weights.format() + " weights " + weights.layer() + ": " + what);
  }

  private <T> T reading(Supplier<T> work) {
    return Mapping.reading(requireUnchanged, work);
  }

  /** Returns form, layer and shape. */
  @Override
  public String toString() {
    return weights.format() + " " + weights.layer() + " " + shape;
  }
}

package dev.octet.quantize.file;

import dev.octet.BlockTensor;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.quantize.mapped.Mapping;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the weights of two files tensor by tensor: the difference of their numbers and their sizes.
 * Tensors are read in parts: the heap does not grow with the files.
 *
 * @param tensors what became of each tensor of the reference that is no parameter of another one
 * @param missing tensors of the reference that the other file lacks, or has in another shape; a matrix that
 *        is near its transposed one (noise below the signal) is none of them
 */
public record FileComparison(List<Row> tensors, List<String> missing) {
  private static final int PART = 1 << 16;

  /** Checks that both lists are there. */
  public FileComparison {
    Objects.requireNonNull(tensors, "tensors");
    Objects.requireNonNull(missing, "missing");
  }

  /**
   * Holds the comparison of one tensor.
   *
   * @param name its name
   * @param form what it became: an element type, or type and quantization; both types where one of them is
   *        not read as numbers
   * @param elements how many numbers it has
   * @param bytesBefore what it takes in the reference
   * @param bytesAfter what it takes in the other file, scales and zero points included
   * @param signal the sum of squares of the reference
   * @param noise the sum of squares of the differences; infinite where a number that is NaN or infinite in
   *        one file is another one in the other, bytes that are not read as numbers differ, or only one file
   *        has numbers
   * @param cosine of both as vectors; 1 where both are all zeros
   * @param maxError the largest difference
   * @param transposed whether rows were compared with columns: the matrix has the shape of the other one
   *        transposed, and its numbers; a square one where its numbers as they lie are mere noise
   */
  public record Row(String name, String form, long elements, long bytesBefore, long bytesAfter, double signal,
      double noise, double cosine, double maxError, boolean transposed) {
    /**
     * Returns the signal to quantization noise, {@code 10 log10(signal / noise)}.
     *
     * @return decibels; infinite where nothing differs, -Infinity where the noise is infinite
     */
    public double sqnr() {
      return decibels(signal, noise);
    }

    /**
     * Returns whether the difference is a number.
     *
     * @return false where the noise is infinite
     */
    public boolean isComparable() {
      return noise < Double.POSITIVE_INFINITY;
    }
  }

  /**
   * Returns the ratio of signal to noise, of one tensor or of several together.
   *
   * @param signal a sum of squares
   * @param noise a sum of squares
   * @return decibels; infinite where there is no noise, -Infinity where the noise is infinite
   */
  public static double decibels(double signal, double noise) {
    return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }

  /**
   * Compares two files.
   *
   * @param reference the file before quantization
   * @param other the file after it
   * @param progress is told how far the work is, in bytes of the reference
   * @return the comparison
   * @throws java.io.UncheckedIOException if a file was written to since it was opened
   */
  public static FileComparison of(WeightFile reference, WeightFile other, WeightQuantizer.Progress progress) {
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(other, "other");
    Objects.requireNonNull(progress, "progress");
    return Mapping.reading(() -> {
      reference.requireUnchanged();
      other.requireUnchanged();
    }, () -> compare(reference, other, progress));
  }

  private static FileComparison compare(WeightFile reference, WeightFile other,
      WeightQuantizer.Progress progress) {
    List<Row> rows = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    long total = reference.tensors().stream().mapToLong(t -> t.data().byteSize()).sum();
    long done = 0;
    Counterparts counterparts = new Counterparts(reference, other);
    Set<String> isQuantized = new HashSet<>(other.quantizedNames());
    Set<String> wasQuantized = new HashSet<>(reference.quantizedNames());
    for (StoredTensor tensor : reference.tensors()) {
      done += tensor.data().byteSize();
      if (reference.isParameter(tensor.name())) {
        continue;
      }
      Numbers before = wasQuantized.contains(tensor.name())
          ? new Numbers(tensor, reference.quantized(tensor.name()), null, null, false)
          : new Numbers(tensor, null, bias(reference, tensor.name()), blocks(reference, tensor.name()),
              false);
      String name = counterparts.of(tensor);
      if (name == null) {
        missing.add(tensor.name());
        continue;
      }
      Numbers after = new Numbers(other.tensor(name),
          isQuantized.contains(name) ? other.quantized(name) : null, bias(other, name), blocks(other, name),
          false);
      if (!before.shape().equals(after.shape())) {
        Optional<Row> turned = transposed(tensor, before, after);
        turned.ifPresentOrElse(rows::add, () -> missing.add(tensor.name()));
      } else if (before.readable() && after.readable()) {
        Row row = compare(tensor, before, after);
        // A square matrix does not tell by its shape which of its axes is which.
        rows.add(row.noise() < row.signal() || row.noise() == 0
            ? row
            : transposed(tensor, before, after).orElse(row));
      } else if (before.readable() == after.readable()) {
        rows.add(bytes(tensor, other.tensor(name), other.tensor(name).typeName()));
      } else {
        rows.add(bytes(tensor, other.tensor(name),
            "not comparable: " + before.form() + " and " + after.form()));
      }
      progress.at(tensor.name(), done, total);
    }
    return new FileComparison(List.copyOf(rows), List.copyOf(missing));
  }

  /** The row of a matrix whose numbers are those of the other one transposed. */
  private static Optional<Row> transposed(StoredTensor tensor, Numbers before, Numbers after) {
    if (before.shape().rank() != 2 || after.shape().rank() != 2 || !before.readable() || !after.readable()) {
      return Optional.empty();
    }
    Numbers turned = new Numbers(after.stored, after.quantized, after.bias, after.blocks, true);
    if (!before.shape().equals(turned.shape())) {
      return Optional.empty();
    }
    Row row = compare(tensor, before, turned);
    return row.noise() == 0 || row.noise() < row.signal() ? Optional.of(row) : Optional.empty();
  }

  /**
   * Types that are not read as numbers are copied: their bytes are the same, or nothing is known of them.
   *
   * @param form what it became
   */
  private static Row bytes(StoredTensor before, StoredTensor after, String form) {
    boolean same = before.typeName().equals(after.typeName()) && before.data().mismatch(after.data()) < 0;
    double off = same ? 0 : Double.POSITIVE_INFINITY;
    return new Row(before.name(), form, before.shape().elements(), before.data().byteSize(),
        after.data().byteSize(), 0, off, same ? 1 : 0, off, false);
  }

  private static float[] bias(WeightFile file, String name) {
    return file instanceof OnnxFile model ? model.bias(name) : null;
  }

  /** The blocks of a tensor, each a row of its own, so that rows of any length are read in parts; or null. */
  private static BlockTensor blocks(WeightFile file, String name) {
    return file.blocks(name).map(tensor -> {
      int elements = tensor.format().elements();
      return BlockTensor.of(tensor.format(), Shape.of(tensor.shape().elements() / elements, elements),
          tensor.data());
    }).orElse(null);
  }

  private static Row compare(StoredTensor tensor, Numbers before, Numbers after) {
    double signal = 0;
    double power = 0;
    double product = 0;
    double noise = 0;
    double worst = 0;
    long count = before.shape().elements();
    float[] x = new float[(int) Math.min(PART, count)];
    float[] y = new float[x.length];
    for (long first = 0; first < count; first += x.length) {
      int n = (int) Math.min(x.length, count - first);
      before.read(first, x, n);
      after.read(first, y, n);
      for (int i = 0; i < n; i++) {
        if (!Float.isFinite(x[i]) || !Float.isFinite(y[i])) {
          // The same in both files, or as far off as can be.
          boolean same = Float.compare(x[i], y[i]) == 0;
          noise = same ? noise : Double.POSITIVE_INFINITY;
          worst = same ? worst : Double.POSITIVE_INFINITY;
          continue;
        }
        double difference = (double) x[i] - y[i];
        signal += (double) x[i] * x[i];
        power += (double) y[i] * y[i];
        product += (double) x[i] * y[i];
        noise += difference * difference;
        worst = Math.max(worst, Math.abs(difference));
      }
    }
    double lengths = Math.sqrt(signal) * Math.sqrt(power);
    double cosine = lengths > 0 ? product / lengths : signal == power ? 1 : 0;
    return new Row(tensor.name(), after.form(), count, before.bytes(), after.bytes(), signal, noise, cosine,
        worst, after.transposed());
  }

  /**
   * A tensor as numbers.
   *
   * @param quantized the same with its scales; null where it is not quantized
   * @param bias the numbers of a bias of 32-bit integers; null for everything else
   * @param blocks its blocks, each a row; null where it has none that are read
   * @param transposed whether the numbers of a matrix are those of the transposed one
   */
  private record Numbers(StoredTensor stored, QTensor quantized, float[] bias, BlockTensor blocks,
      boolean transposed) {
    Shape shape() {
      Shape shape = quantized == null ? stored.shape() : quantized.shape();
      return transposed ? Shape.of(shape.dim(1), shape.dim(0)) : shape;
    }

    boolean readable() {
      return quantized != null || blocks != null || stored.type().isReadable();
    }

    String form() {
      return (quantized == null
          ? stored.typeName() + (bias == null ? "" : " with scales")
          : quantized.type() + " " + quantized.quantization())
          + (transposed ? ", transposed" : "");
    }

    /** With scales of four bytes, and zero points of one where there are any. */
    long bytes() {
      return stored.data().byteSize() + (quantized == null
          ? 0
          : quantized.quantization().count() * (quantized.quantization().isSymmetric() ? 4L : 5L));
    }

    void read(long first, float[] out, int count) {
      if (transposed) {
        Shape shape = shape();
        for (int i = 0; i < count; i++) {
          long from = (first + i) % shape.dim(1) * shape.dim(0) + (first + i) / shape.dim(1);
          readInOrder(from, out, i, 1);
        }
      } else {
        readInOrder(first, out, 0, count);
      }
    }

    private void readInOrder(long first, float[] out, int at, int count) {
      if (bias != null) {
        System.arraycopy(bias, (int) first, out, at, count);
        return;
      }
      if (blocks != null) {
        dequantize(first, out, at, count);
        return;
      }
      if (quantized == null) {
        stored.floats(first, out, at, count);
        return;
      }
      for (int i = 0; i < count; i++) {
        out[at + i] = quantized.real(first + i);
      }
    }

    private void dequantize(long first, float[] out, int at, int count) {
      int columns = blocks.columns();
      float[] block = new float[columns];
      for (long row = first / columns; row * columns < first + count; row++) {
        blocks.dequantize(row, block);
        int from = (int) Math.max(0, first - row * columns);
        int to = (int) Math.min(columns, first + count - row * columns);
        System.arraycopy(block, from, out, (int) (at + row * columns + from - first), to - from);
      }
    }
  }
}

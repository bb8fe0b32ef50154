package dev.octet.quantize.file;

import dev.octet.QTensor;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.quantize.mapped.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Quantizes the weights of a file into another one, tensor by tensor and large tensors slab by slab, so that
 * the heap that is needed does not grow with the file: the tensors of the input are mapped, those of the
 * output are laid out beforehand and written as they come. Only a tensor whose scales need all of it at once
 * (per tensor, or per channel of an inner axis), or a method that does, and that is not F32 is converted as a
 * whole, outside the heap.
 */
public final class WeightQuantizer {
  /** Numbers that are quantized at a time: 4 MB of floats. */
  private static final int SLAB = 1 << 20;
  /** Of the index of a sharded file, in bytes of tensors that are no longer the same. */
  private static final String TOTAL_SIZE = "total_size";
  private static final String OWN_KEYS = "octet.";
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Chooses the tensors that are quantized, and their forms. */
  @FunctionalInterface
  public interface Choice {
    /**
     * Returns the form that a tensor of floats gets.
     *
     * @param tensor the tensor
     * @param axes what its axes mean
     * @return how to quantize it; empty to copy it as it is
     */
    Optional<WeightForm> of(StoredTensor tensor, WeightAxes axes);
  }

  /** Quantizes the numbers of a tensor or of a slab of one. */
  @FunctionalInterface
  public interface Method {
    /** Rounds to the nearest integer, over the whole range of the numbers: {@link WeightForm#quantizer()}. */
    Method NEAREST = (tensor, form, values, shape) -> form.quantizer().quantize(values, shape);

    /**
     * Rounds to the nearest integer, over the range of least mean squared error for each scale:
     * {@link dev.octet.quantize.ClippingSearch}. 12 bytes of heap for each number that shares a scale.
     */
    Method CLIPPING = ClippedRounding::quantize;

    /**
     * Quantizes a tensor or a slab of one.
     *
     * @param tensor that the numbers are of
     * @param form what the result must be
     * @param values binary32, of {@code shape}
     * @param shape of the slab: that of the tensor, but for the first dimension
     * @return the slab, with the granularity of the form
     */
    QTensor quantize(StoredTensor tensor, WeightForm form, MemorySegment values, Shape shape);

    /**
     * Returns whether a tensor must come as a whole where its scales would let it come in slabs.
     *
     * @param tensor the tensor
     * @param form what the result must be
     * @return false by default
     */
    default boolean needsWhole(StoredTensor tensor, WeightForm form) {
      Objects.requireNonNull(tensor, "tensor");
      Objects.requireNonNull(form, "form");
      return false;
    }
  }

  /** Receives the progress of the work. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after each slab and each copied tensor.
     *
     * @param tensor what is worked on
     * @param done bytes of the input so far
     * @param total bytes of the input
     */
    void at(String tensor, long done, long total);
  }

  private final WeightFile in;
  private final Method method;
  private final Progress progress;
  private final QuantizationPlan plan;
  private final List<StoredTensor> extra;
  private final Map<String, Integer> vanished = new LinkedHashMap<>();
  private final long total;
  private long done;

  private WeightQuantizer(WeightFile in, Choice choice, Method method, List<StoredTensor> extra,
      Progress progress) {
    this.in = in;
    this.extra = extra;
    this.method = method;
    this.progress = progress;
    this.plan = new QuantizationPlan(in, choice, extra);
    this.total = plan.copied().stream().mapToLong(tensor -> tensor.data().byteSize()).sum()
        + plan.chosen().keySet().stream().mapToLong(name -> in.tensor(name).data().byteSize()).sum();
  }

  /**
   * Quantizes a file. No tensor is dropped: what is quantized already is carried over with its scales and
   * zero points, and what is not chosen, is no weight, or was quantized by another tool in a form that is not
   * read, is copied. Text beside the tensors is carried over too.
   *
   * @param in the input
   * @param out the file to be written, aside first
   * @param choice which tensors become what
   * @param method how
   * @param extra further tensors of the output, such as scales of activations
   * @param metadata text for the file, besides what it needs itself
   * @param progress is told how far the work is
   * @return what became of each tensor of the input
   * @throws IllegalArgumentException if a number of a chosen tensor is NaN, infinite or beyond binary32,
   *         named by tensor and position; or, before anything is written, if scales or zero points would get
   *         the name of another tensor, a tensor of GGUF is of blocks, or the output is a file of the input
   * @throws java.io.UncheckedIOException if the output cannot be written, or a file of the input was written
   *         to since it was opened
   */
  public static QuantizationSummary quantize(WeightFile in, Path out, Choice choice, Method method,
      List<StoredTensor> extra, Map<String, String> metadata, Progress progress) {
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(choice, "choice");
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(extra, "extra");
    Objects.requireNonNull(metadata, "metadata");
    Objects.requireNonNull(progress, "progress");
    OutputFile.refuseInputs("output", out, in.files());
    WeightQuantizer quantizer = new WeightQuantizer(in, choice, method, extra, progress);
    quantizer.run(out, metadata);
    return quantizer.plan.summary(quantizer.vanished);
  }

  /**
   * Returns what {@link #quantize} would make of each tensor, without reading weights or writing anything.
   *
   * @param in the input
   * @param choice which tensors become what
   * @return what would become of each tensor of the input
   * @throws IllegalArgumentException if scales or zero points would get the name of another tensor, or a
   *         tensor of GGUF is of blocks
   * @throws java.io.UncheckedIOException if a file of the input was written to since it was opened
   */
  public static QuantizationSummary plan(WeightFile in, Choice choice) {
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(choice, "choice");
    return Mapping.reading(in::requireUnchanged,
        () -> new QuantizationPlan(in, choice, List.of()).summary(Map.of()));
  }

  private void run(Path out, Map<String, String> metadata) {
    Map<String, String> all = new LinkedHashMap<>(in.metadata());
    all.remove(TOTAL_SIZE);
    all.keySet().removeIf(key -> key.startsWith(OWN_KEYS)); // they tell of the input
    all.putAll(metadata);
    all.put(StoredQuantization.KEY, StoredForm.format(plan.forms()));
    if (!plan.foreign().isEmpty()) {
      all.put(ForeignForms.KEY, ForeignForms.format(plan.foreign()));
    }
    try (SafetensorsWriter writer = new SafetensorsWriter(out, plan.slots(), all)) {
      Mapping.reading(in::requireUnchanged, () -> {
        write(writer);
        return null;
      });
      writer.commit();
    }
  }

  private void write(SafetensorsWriter writer) {
    plan.kept().forEach(
        (name, tensor) -> write(writer, name, tensor, 0, 0, !tensor.quantization().isSymmetric()));
    plan.chosen().forEach((name, form) -> quantize(writer, in.tensor(name), form));
    for (StoredTensor tensor : plan.copied()) {
      writer.write(tensor.name(), tensor.data());
      advance(tensor.name(), tensor.data().byteSize());
    }
    extra.forEach(tensor -> writer.write(tensor.name(), tensor.data()));
  }

  private void quantize(SafetensorsWriter writer, StoredTensor tensor, WeightForm form) {
    Shape shape = tensor.shape();
    long slab = method.needsWhole(tensor, form) ? 0 : form.slab(shape);
    if (slab == 0 || shape.elements() <= SLAB) {
      try (Arena arena = Arena.ofConfined()) {
        slab(writer, tensor, form, numbers(tensor, 0, shape.elements(), arena), shape, 0, 0);
      }
      return;
    }
    long row = shape.elements() / shape.dim(0);
    // A whole number of bytes of 4-bit elements, so that the next slab starts at one.
    long step = slab * (row * slab % 2 == 0 ? 1 : 2);
    long rows = step * Math.max(1, SLAB / Math.max(1, row * step));
    long[] dims = shape.toArray();
    long scales = 0;
    for (long first = 0; first < shape.dim(0); first += rows) {
      dims[0] = Math.min(rows, shape.dim(0) - first);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment values = numbers(tensor, first * row, dims[0] * row, arena);
        scales += slab(writer, tensor, form, values, Shape.of(dims), first * row, scales);
      }
    }
  }

  private int slab(SafetensorsWriter writer, StoredTensor tensor, WeightForm form, MemorySegment values,
      Shape shape, long firstElement, long firstScale) {
    QTensor quantized;
    try {
      quantized = method.quantize(tensor, form, values, shape);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tensor " + tensor.name()
          + (firstElement == 0 ? "" : ", from element " + firstElement) + ": " + e.getMessage()
          + (isQuantizable(tensor, form, values, shape) ? "" : "; " + SchemeChoice.exclusion(tensor.name())),
          e);
    }
    int small = vanished(form, quantized, values, shape);
    if (small > 0) {
      vanished.merge(tensor.name(), small, Integer::sum);
    }
    write(writer, tensor.name(), quantized, form.type().bytes(firstElement), firstScale, !form.symmetric());
    advance(tensor.name(), shape.elements() * tensor.type().bits() / 8);
    return quantized.quantization().count();
  }

  /** Tells a weight that no method takes from one whose method lacks something, such as recorded inputs. */
  private static boolean isQuantizable(StoredTensor tensor, WeightForm form, MemorySegment values,
      Shape shape) {
    try {
      Method.NEAREST.quantize(tensor, form, values, shape);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Counts the scales that are 1 because a smaller one is 0 in binary32, as {@link Quantizer} has it. */
  private static int vanished(WeightForm form, QTensor quantized, MemorySegment values, Shape shape) {
    int count = 0;
    for (int p = 0; p < quantized.quantization().count(); p++) {
      if (quantized.quantization().scale(p) == 1 && shape.elements() > 0) {
        float absmax = ScaleSharing.of(form, shape).absmax(values, p);
        count += absmax > 0 && absmax < 0.5f ? 1 : 0;
      }
    }
    return count;
  }

  private static void write(SafetensorsWriter writer, String name, QTensor tensor, long offset,
      long firstScale, boolean zeroPoints) {
    writer.write(name, offset, tensor.data());
    float[] scales = tensor.quantization().scales();
    MemorySegment bytes = MemorySegment.ofArray(new byte[4 * scales.length]);
    MemorySegment.copy(scales, 0, bytes, FLOAT, 0, scales.length);
    writer.write(name + StoredQuantization.SCALE, 4 * firstScale, bytes);
    if (zeroPoints) {
      byte[] zeros = new byte[scales.length];
      for (int i = 0; i < zeros.length; i++) {
        zeros[i] = (byte) tensor.quantization().zeroPoint(i);
      }
      writer.write(name + StoredQuantization.ZERO_POINT, firstScale, MemorySegment.ofArray(zeros));
    }
  }

  private static MemorySegment numbers(StoredTensor tensor, long first, long count, Arena arena) {
    try {
      return floats(tensor, first, count, arena);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + "; " + SchemeChoice.exclusion(tensor.name()), e);
    }
  }

  /** Elements as binary32 in the machine's order: the mapped file itself where it holds them so. */
  private static MemorySegment floats(StoredTensor tensor, long first, long count, Arena arena) {
    if (tensor.type() == StoredType.F32 && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      return tensor.data().asSlice(4 * first, 4 * count);
    }
    MemorySegment values = arena.allocate(4 * count, 4);
    float[] part = new float[(int) Math.min(count, 1 << 16)];
    for (long at = 0; at < count; at += part.length) {
      int length = (int) Math.min(part.length, count - at);
      tensor.binary32(first + at, part, 0, length);
      MemorySegment.copy(part, 0, values, ValueLayout.JAVA_FLOAT, 4 * at, length);
    }
    return values;
  }

  private void advance(String tensor, long bytes) {
    done += bytes;
    progress.at(tensor, done, total);
  }
}

package dev.octet.quantize.file;

import dev.octet.BlockFormat;
import dev.octet.quantize.BlockQuantizer;
import dev.octet.quantize.file.GgufWriter.Slot;
import dev.octet.quantize.file.QuantizationSummary.Entry;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import dev.octet.quantize.mapped.Mapping;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Quantizes the weights of a GGUF file to blocks of one format, into another GGUF file. Tensors are read from
 * the mapped file and written slab by slab: the heap that is needed does not grow with the tensors, only with
 * the metadata.
 *
 * <p>
 * Matrices and stacks of matrices of F32, F16 and BF16 are quantized, by {@link BlockQuantizer}, on as many
 * threads as the common pool has; the bytes do not depend on how many. Copied as they are, with the reason in
 * the summary: tensors that are quantized already, of one dimension or one row, with rows that are no whole
 * blocks, and those of which llama.cpp reads floats alone, by their names: names that do not end in
 * {@code weight}, norms, routers of experts, tables of positions, small convolutions.
 *
 * <p>
 * Tensors keep their order. The metadata are carried over; {@code general.file_type} becomes llama.cpp's
 * number of a file that is mostly of the format, {@code general.quantization_version} 2, and
 * {@code split.no}, {@code split.count} and {@code split.tensors.count} go, since the output is one file.
 */
public final class GgufQuantizer {
  private static final String FILE_TYPE = "general.file_type";
  private static final String QUANTIZATION_VERSION = "general.quantization_version";
  /** Of the block formats, as llama.cpp and ggml count them since 2023. */
  private static final long VERSION = 2;
  /** Elements that are quantized at a time, 4 MB of floats: whole blocks of every format. */
  private static final int SLAB = 1 << 20;
  /** Elements of a slab that one thread takes. */
  private static final int PART = 1 << 14;

  private final GgufFile in;
  private final BlockFormat format;
  private final WeightQuantizer.Progress progress;
  private final List<Entry> entries = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private final float[] slab;
  private final long total;
  private long done;

  private GgufQuantizer(GgufFile in, BlockFormat format, Predicate<String> layers,
      WeightQuantizer.Progress progress) {
    this.in = in;
    this.format = format;
    this.progress = progress;
    this.total = in.tensors().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
    GgufType type = GgufType.of(format.id());
    for (GgufTensor tensor : in.tensors()) {
      Entry entry = decide(tensor, type, layers);
      entries.add(entry);
      slots.add(new Slot(tensor.name(), entry.outcome() == Outcome.QUANTIZED ? type : tensor.type(),
          tensor.shape()));
    }
    slab = new float[(int) IntStream.range(0, slots.size())
        .filter(i -> entries.get(i).outcome() == Outcome.QUANTIZED)
        .mapToLong(i -> Math.min(SLAB, slots.get(i).shape().elements())).max().orElse(0)];
  }

  /**
   * Quantizes a file.
   *
   * @param in the input
   * @param out the file to be written, aside first
   * @param format what floats become, one that {@link BlockQuantizer#isOffered}
   * @param layers whether a layer is to be quantized, by its name without {@code .weight}
   * @param progress is told how far the work is, in bytes of the input
   * @return what became of each tensor of the input
   * @throws UnsupportedOperationException if floats are not quantized to the format
   * @throws IllegalArgumentException if a number of a tensor that is to be quantized is not finite or beyond
   *         the format, named by tensor and position; or, before anything is written, if a tensor has a type
   *         that is not known, whose size is not known either, or the output is a file of the input
   * @throws java.io.UncheckedIOException if the output cannot be written, or the input was written to since
   *         it was opened
   */
  public static QuantizationSummary quantize(GgufFile in, Path out, BlockFormat format,
      Predicate<String> layers, WeightQuantizer.Progress progress) {
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(layers, "layers");
    Objects.requireNonNull(progress, "progress");
    BlockQuantizer.quantize(format, new float[0], 0, 0); // whether it is offered
    OutputFile.refuseInputs("output", out, in.files());
    GgufQuantizer quantizer = new GgufQuantizer(in, format, layers, progress);
    try (GgufWriter writer = new GgufWriter(out, quantizer.slots, quantizer.metadata())) {
      Mapping.reading(in::requireUnchanged, () -> {
        quantizer.write(writer);
        return null;
      });
      writer.commit();
    }
    return new QuantizationSummary(quantizer.entries, Map.of());
  }

  private static Entry decide(GgufTensor tensor, GgufType type, Predicate<String> layers) {
    String name = tensor.name();
    if (tensor.type() == GgufType.OTHER) {
      throw new IllegalArgumentException("tensor " + name + ": expected a type that is known, got "
          + tensor.typeName() + ", of which it is not known how many bytes are its own");
    }
    if (tensor.type().stored().isEmpty()) {
      return new Entry(name, Outcome.KEPT, tensor.typeName());
    }
    String reason = reason(tensor, type, layers);
    return reason == null
        ? new Entry(name, Outcome.QUANTIZED, type.name())
        : new Entry(name, Outcome.COPIED, reason);
  }

  /** Why a tensor of plain numbers stays as it is; null where it is quantized. */
  private static String reason(GgufTensor tensor, GgufType type, Predicate<String> layers) {
    if (tensor.type() != GgufType.F32 && tensor.type() != GgufType.F16 && tensor.type() != GgufType.BF16) {
      return "of type " + tensor.typeName();
    }
    if (tensor.shape().rank() < 2 || tensor.rows() < 2) {
      return tensor.shape().rank() < 2 ? "of fewer than two dimensions" : "of fewer than two rows";
    }
    long columns = GgufTensor.rowElements(tensor.shape());
    if (columns % type.elements() != 0) {
      return "rows of " + columns + " are no whole blocks of " + type.elements();
    }
    String kind = GgufKinds.floats(tensor.name());
    return kind != null ? kind : layers.test(SchemeChoice.layer(tensor.name())) ? null : "not chosen";
  }

  private Map<String, GgufValue> metadata() {
    Map<String, GgufValue> metadata = new LinkedHashMap<>(in.values());
    metadata.keySet().removeAll(GgufPart.KEYS);
    if (entries.stream().anyMatch(entry -> entry.outcome() == Outcome.QUANTIZED)) {
      metadata.put(FILE_TYPE, GgufValue.u32(fileType()));
      metadata.put(QUANTIZATION_VERSION, GgufValue.u32(VERSION));
    }
    return metadata;
  }

  /** llama_ftype of llama.h. Of the two of Q4_K the one with the most Q4_K, Q4_K_S. */
  private int fileType() {
    return switch (format) {
      case Q4_0 -> 2;
      case Q8_0 -> 7;
      case Q4_K -> 14;
      case Q6_K -> 18;
      case MXFP4 -> 38;
      default -> throw new IllegalStateException(format + " is not offered");
    };
  }

  private void write(GgufWriter writer) {
    for (int i = 0; i < slots.size(); i++) {
      GgufTensor tensor = in.tensor(slots.get(i).name());
      if (entries.get(i).outcome() == Outcome.QUANTIZED) {
        quantize(writer, tensor);
      } else {
        writer.write(tensor.name(), tensor.data());
        advance(tensor, tensor.data().byteSize());
      }
    }
  }

  private void quantize(GgufWriter writer, GgufTensor tensor) {
    StoredTensor stored = tensor.stored();
    long elements = tensor.shape().elements();
    for (long first = 0; first < elements; first += SLAB) {
      int count = (int) Math.min(SLAB, elements - first);
      stored.floats(first, slab, 0, count);
      requireFinite(stored, first, count);
      writer.write(tensor.name(), first / format.elements() * format.bytes(),
          MemorySegment.ofArray(blocks(tensor, first, count)));
      advance(tensor, (long) count * tensor.type().bytes());
    }
  }

  private byte[] blocks(GgufTensor tensor, long first, int count) {
    byte[] blocks = new byte[count / format.elements() * format.bytes()];
    int parts = (count + PART - 1) / PART;
    IllegalArgumentException[] refusals = new IllegalArgumentException[parts]; // the first is told
    IntStream.range(0, parts).parallel().forEach(part -> {
      int from = part * PART;
      try {
        byte[] its = BlockQuantizer.quantize(format, slab, from, Math.min(PART, count - from));
        System.arraycopy(its, 0, blocks, from / format.elements() * format.bytes(), its.length);
      } catch (IllegalArgumentException e) {
        refusals[part] = e;
      }
    });
    Stream.of(refusals).filter(Objects::nonNull).findFirst().ifPresent(e -> {
      throw new IllegalArgumentException("tensor " + tensor.name() + ", from element " + first + ": "
          + e.getMessage() + "; " + SchemeChoice.exclusion(tensor.name()), e);
    });
    return blocks;
  }

  private void requireFinite(StoredTensor tensor, long first, int count) {
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(slab[i])) {
        throw new IllegalArgumentException(
            "tensor " + tensor.name() + Arrays.toString(tensor.shape().position(first + i))
                + ": expected a finite number, got " + slab[i] + "; "
                + SchemeChoice.exclusion(tensor.name()));
      }
    }
  }

  private void advance(GgufTensor tensor, long bytes) {
    done += bytes;
    progress.at(tensor.name(), done, total);
  }
}

package dev.octet.onnx.internal.packs;

import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.MatMul;
import dev.octet.op.PackedWeights;
import dev.octet.op.WeightOnlyMatMul;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Prepares products and convolutions: weights are packed in memory or, with a folder, in files that are
 * mapped.
 */
public final class Packs {
  /** A smaller constant is not worth a file. */
  private static final long SMALL = 64 << 10;

  private final Octet octet;
  /** Null: everything is in memory. */
  private final SharedFiles files;

  private Packs(Octet octet, SharedFiles files) {
    this.octet = octet;
    this.files = files;
  }

  /** Packs in memory. */
  public static Packs inMemory(Octet octet) {
    return new Packs(octet, null);
  }

  /**
   * Packs in files.
   *
   * @param folder is made where it is missing; null: in memory
   */
  public static Packs in(Path folder, Octet octet) {
    return new Packs(octet, folder == null ? null : new SharedFiles(folder));
  }

  /** Whose engines run what is prepared. */
  public Octet octet() {
    return octet;
  }

  /** Prepares a product with weights. */
  public MatMul prepare(MatMul.Builder builder, QTensor weights, WeightLayout layout) {
    return prepare(product(weights, layout), () -> builder.weights(weights, layout).prepare(),
        packed -> builder.weights(packed).prepare());
  }

  /** Prepares a product with weights. */
  public DynamicMatMul prepare(DynamicMatMul.Builder builder, QTensor weights, WeightLayout layout) {
    return prepare(product(weights, layout), () -> builder.weights(weights, layout).prepare(),
        packed -> builder.weights(packed).prepare());
  }

  /** Prepares a product with weights. */
  public WeightOnlyMatMul prepare(WeightOnlyMatMul.Builder builder, QTensor weights, WeightLayout layout) {
    return prepare(product(weights, layout), () -> builder.weights(weights, layout).prepare(),
        packed -> builder.weights(packed).prepare());
  }

  /**
   * Prepares a convolution with weights.
   *
   * @param builder with its groups, stride, dilation and padding
   * @param use those four in words: they decide how weights are packed
   */
  public Conv2d prepare(Conv2d.Builder builder, QTensor weights, WeightLayout layout, String use) {
    return prepare(new Weights(weights, layout, use, () -> builder.weights(weights, layout).pack()),
        () -> builder.weights(weights, layout).prepare(), packed -> builder.weights(packed).prepare());
  }

  /**
   * Weights to be packed.
   *
   * @param tensor the weights
   * @param layout of them
   * @param use as {@link ContentKey} has it
   * @param pack packs them
   */
  private record Weights(QTensor tensor, WeightLayout layout, String use, Supplier<PackedWeights> pack) {}

  private Weights product(QTensor weights, WeightLayout layout) {
    return new Weights(weights, layout, "", () -> octet.pack(weights, layout));
  }

  private <T> T prepare(Weights weights, Supplier<T> inMemory, Function<PackedWeights, T> mapped) {
    if (files != null) {
      try (PackedWeights packed = map(weights)) {
        return mapped.apply(packed);
      } catch (UnsupportedOperationException e) {
        // engines that pack nothing, or not for this op
      }
    }
    return inMemory.get();
  }

  private PackedWeights map(Weights weights) {
    String key = ContentKey.of(octet, weights.tensor(), weights.layout(), weights.use());
    return files.open(key + ".pack", path -> map(path, weights.tensor()), path -> {
      try (PackedWeights packed = weights.pack().get()) {
        packed.writeTo(path);
      }
    });
  }

  /** Empty where the file is damaged, of another version, or of other weights. */
  private Optional<PackedWeights> map(Path path, QTensor weights) {
    PackedWeights packed;
    try {
      packed = octet.map(path);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      return Optional.empty();
    }
    if (packed.type() != weights.type()
        || (long) packed.inFeatures() * packed.outFeatures() != weights.shape().elements()) {
      packed.close();
      return Optional.empty();
    }
    return Optional.of(packed);
  }

  /**
   * A copy of a constant, read-only.
   *
   * @param memory that it lies in
   */
  public MemorySegment copy(MemorySegment constant, ConstantMemory memory) {
    long bytes = constant.byteSize();
    Arena arena = memory.arena();
    return files == null || bytes < SMALL
        ? arena.allocate(Math.max(1, bytes), 64).asSlice(0, bytes).copyFrom(constant).asReadOnly()
        : files.open(ContentKey.of(constant) + ".constant", path -> mapConstant(path, constant, arena),
            path -> write(path, constant));
  }

  /** Empty where the file has other bytes. */
  private static Optional<MemorySegment> mapConstant(Path path, MemorySegment constant,
      Arena arena) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() != constant.byteSize()) {
        return Optional.empty();
      }
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return mapped.mismatch(constant) == -1 ? Optional.of(mapped) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("weight cache: cannot read " + path, e);
    }
  }

  private static void write(Path path, MemorySegment constant) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE,
        StandardOpenOption.CREATE_NEW); Arena arena = Arena.ofConfined()) {
      channel.map(FileChannel.MapMode.READ_WRITE, 0, constant.byteSize(), arena).copyFrom(constant);
    } catch (IOException e) {
      throw new UncheckedIOException("weight cache: cannot write " + path, e);
    }
  }
}

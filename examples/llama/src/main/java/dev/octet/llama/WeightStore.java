package dev.octet.llama;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.PackedWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Prepares products: packs weights in memory or, with a folder, into files that are mapped, by this start and
 * by later ones.
 */
final class WeightStore {
  private final Octet octet;
  /** Null where weights are packed in memory. */
  private final Path folder;
  private final Map<BlockFormat, String> layouts = new EnumMap<>(BlockFormat.class);

  private WeightStore(Octet octet, Path folder) {
    this.octet = octet;
    this.folder = folder;
  }

  static WeightStore inMemory(Octet octet) {
    return new WeightStore(octet, null);
  }

  /**
   * Uses files in a folder of the model's own, whose name changes when the model is written to.
   *
   * @param parent where this folder is made
   */
  static WeightStore in(Path parent, Path model, Octet octet) {
    try {
      Path folder = parent.resolve(String.format("%s-%x-%x", model.getFileName(), Files.size(model),
          Files.getLastModifiedTime(model).toMillis()));
      return new WeightStore(octet, Files.createDirectories(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prepares a product. */
  DynamicMatMul prepare(Tensors.Matrix matrix) {
    if (folder == null) {
      return octet.dynamicMatMul().weights(matrix.weights()).prepare();
    }
    try (PackedWeights packed = map(matrix)) {
      return octet.dynamicMatMul().weights(packed).prepare();
    }
  }

  /** Prepares one product of the same rows with several matrices, whose results lie side by side. */
  DynamicMatMul prepare(List<Tensors.Matrix> matrices) {
    Tensors.Matrix first = matrices.get(0);
    Tensors.Matrix second = matrices.get(1);
    List<Tensors.Matrix> more = matrices.subList(2, matrices.size());
    if (folder == null) {
      return octet.dynamicMatMul().weights(first.weights(), second.weights(),
          more.stream().map(Tensors.Matrix::weights).toArray(BlockTensor[]::new)).prepare();
    }
    PackedWeights[] packed = matrices.stream().map(this::map).toArray(PackedWeights[]::new);
    try {
      return octet.dynamicMatMul()
          .weights(packed[0], packed[1], Arrays.copyOfRange(packed, 2, packed.length)).prepare();
    } finally {
      Stream.of(packed).forEach(PackedWeights::close);
    }
  }

  private PackedWeights map(Tensors.Matrix matrix) {
    Path file = folder
        .resolve(matrix.name() + "." + layouts.computeIfAbsent(matrix.weights().format(), this::layout));
    if (!Files.exists(file)) {
      try (PackedWeights packed = octet.pack(matrix.weights())) {
        packed.writeTo(file);
      }
    }
    return octet.map(file);
  }

  /** What the order of packed bytes is called here, which depends on the processor: that of one block. */
  private String layout(BlockFormat format) {
    BlockTensor block = BlockTensor.of(format, Shape.of(1, format.elements()),
        MemorySegment.ofArray(new byte[format.bytes()]));
    try (PackedWeights packed = octet.pack(block)) {
      return packed.layout();
    }
  }
}

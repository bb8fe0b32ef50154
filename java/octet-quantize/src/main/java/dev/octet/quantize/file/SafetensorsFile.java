package dev.octet.quantize.file;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Reads a safetensors file. Quantized tensors are found by the metadata that Octet writes, or by name: a
 * tensor {@code NAME} of bytes with a tensor {@code NAME_scale} beside it, and {@code NAME_zero_point} where
 * zero points are not all 0; see {@link StoredQuantization}.
 */
public final class SafetensorsFile extends SafetensorsWeights {
  private SafetensorsFile(SafetensorsContents contents, QuantizationConfig configured) {
    super(null, List.of(contents), contents.tensors(), contents.metadata(), configured);
  }

  /**
   * Maps a file.
   *
   * @param path the file
   * @return the file, to be closed
   * @throws MalformedFileException if it is no safetensors file
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static SafetensorsFile open(Path path) {
    Objects.requireNonNull(path, "path");
    return MappedFile.open(path,
        (file, mapping) -> new SafetensorsFile(new SafetensorsContents(file, mapping, path),
            QuantizationConfig.of(path.toAbsolutePath().getParent())));
  }

  /**
   * Reads a file that is in memory.
   *
   * @param contents the whole file, native or heap; borrowed
   * @return the file
   * @throws MalformedFileException if it is no safetensors file
   */
  public static SafetensorsFile of(MemorySegment contents) {
    Objects.requireNonNull(contents, "contents");
    return new SafetensorsFile(new SafetensorsContents(contents, null, null), QuantizationConfig.NONE);
  }

  @Override
  public String format() {
    return "safetensors";
  }
}

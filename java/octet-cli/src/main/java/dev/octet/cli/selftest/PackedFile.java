package dev.octet.cli.selftest;

import dev.octet.Octet;
import dev.octet.op.PackedWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** Weights that an engine packs, writes to a file and maps again. */
final class PackedFile {
  private PackedFile() {}

  /** Gives the mapped weights to a builder; file and weights are gone when this returns. */
  static <T> T of(Octet octet, Weights weights, Memory memory, Function<PackedWeights, T> prepare) {
    try {
      Path path = Files.createTempFile("octet-selftest", ".pack");
      try (PackedWeights packed = octet.pack(weights.in(memory), weights.layout())) {
        packed.writeTo(path);
        try (PackedWeights mapped = octet.map(path)) {
          return prepare.apply(mapped);
        }
      } finally {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write packed weights to a temporary file: " + e, e);
    }
  }
}

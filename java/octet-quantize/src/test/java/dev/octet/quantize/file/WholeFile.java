package dev.octet.quantize.file;

import dev.octet.QTensor;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file of weights as users take it: read to the last number, quantized, and the result read again. */
final class WholeFile {
  private static final List<QuantizationScheme> SCHEMES = List.of(QuantizationScheme.int8Dynamic(),
      QuantizationScheme.int4Dynamic());

  /** Of a file that takes its bytes to say so. */
  private static final int MOST_COLUMNS = 1 << 16;

  private WholeFile() {}

  /**
   * Takes a file, or its refusal: where it cannot be opened that of a damaged file, where it cannot be
   * quantized that of an argument, which leaves no output behind.
   */
  static void use(Path in, Path out) throws IOException {
    try (WeightFile file = WeightFile.open(in)) {
      read(file);
    } catch (MalformedFileException e) {
      Fuzzing.refusal(e, MalformedFileException.class);
      return;
    }
    for (QuantizationScheme scheme : SCHEMES) {
      quantize(in, out, scheme);
    }
  }

  private static void quantize(Path in, Path out, QuantizationScheme scheme) throws IOException {
    Files.deleteIfExists(out);
    try {
      NothingIsLost.quantize(in, out, scheme);
    } catch (IllegalArgumentException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class, MalformedFileException.class);
      if (Files.exists(out)) {
        throw new AssertionError("refused, and there is an output", e);
      }
      return;
    }
    try (WeightFile before = WeightFile.open(in); WeightFile after = WeightFile.open(out)) {
      read(after);
      FileComparison.of(before, after, (name, done, total) -> {
      });
    }
  }

  private static void read(WeightFile file, ForeignWeights weights) {
    try {
      ForeignTensor tensor = ForeignTensor.of(file, weights);
      long columns = GgufTensor.rowElements(tensor.shape());
      if (tensor.rows() > 0 && columns <= MOST_COLUMNS) {
        tensor.row(tensor.rows() - 1, new float[(int) columns]);
      }
      tensor.blocks();
    } catch (MalformedFileException | UnsupportedOperationException e) {
      Fuzzing.refusal(e, MalformedFileException.class, UnsupportedOperationException.class);
    }
    try {
      ForeignTensor.of(file, weights).integers();
    } catch (MalformedFileException | UnsupportedOperationException e) {
      Fuzzing.refusal(e, MalformedFileException.class, UnsupportedOperationException.class);
    }
  }

  /** Everything that a caller can read. */
  static void read(WeightFile file) {
    file.foreign().forEach(weights -> read(file, weights));
    for (StoredTensor tensor : file.tensors()) {
      if (tensor.type().isReadable()) {
        tensor.floats();
      }
      file.outputAxis(tensor.name());
      file.isParameter(tensor.name());
      file.isWeight(tensor.name());
    }
    for (String name : file.quantizedNames()) {
      try {
        QTensor tensor = file.quantized(name);
        if (tensor.shape().elements() > 0) {
          tensor.real(0);
          tensor.real(tensor.shape().elements() - 1);
        }
      } catch (MalformedFileException e) {
        Fuzzing.refusal(e, MalformedFileException.class); // of this one; others can be read
      }
    }
  }
}

package dev.octet.quantize.file;

import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A model in three GGUF files, of which the first or the second is the input, and the others are right. */
final class GgufPartsTarget implements FuzzTarget {
  @Override
  public List<byte[]> seeds(Path folder) {
    return List.of(GgufPartsTest.first().bytes(), GgufPartsTest.second().bytes());
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    List<byte[]> parts = List.of(GgufPartsTest.first().bytes(), GgufPartsTest.second().bytes(),
        GgufPartsTest.third().bytes());
    for (int place = 0; place < 2; place++) {
      for (int part = 0; part < parts.size(); part++) {
        Files.write(folder.resolve(GgufPartsTest.name(part + 1)), part == place ? input : parts.get(part));
      }
      Fuzzing.bounded(input, () -> GgufTarget.readOrRefuse(folder.resolve(GgufPartsTest.name(1))));
    }
  }
}

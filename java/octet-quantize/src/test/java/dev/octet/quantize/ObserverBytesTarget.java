package dev.octet.quantize;

import dev.octet.testing.FuzzTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** States of observers as bytes: what is read is as good as what is read from JSON. */
final class ObserverBytesTarget implements FuzzTarget {
  @Override
  public List<byte[]> seeds(Path folder) {
    return ObserverTarget.observers().stream().map(Observer::toBytes).toList();
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    ObserverTarget.run(input, () -> Observer.fromBytes(input));
  }
}

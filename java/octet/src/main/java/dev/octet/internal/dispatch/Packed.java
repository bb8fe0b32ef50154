package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.engine.PackableWeights;
import dev.octet.engine.WeightPack;
import dev.octet.internal.pack.PackFile;
import java.nio.file.Path;

/**
 * Weights that an engine has packed.
 *
 * @param engine whose kernels read them
 * @param weights with a pack that is held for whoever gets this
 */
public record Packed(Engine engine, PackableWeights weights) {
  /** Writes a file that {@link Dispatch#map} reads. */
  public void writeTo(Path path) {
    WeightPack pack = weights.pack();
    pack.retain(); // whoever closes it meanwhile does not free what is being written
    try {
      PackFile.write(path, PackFile.Header.of(engine, weights), pack.content());
    } finally {
      pack.release();
    }
  }
}

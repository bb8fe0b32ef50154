package dev.octet.internal.liboctet;

import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Scratch;
import dev.octet.internal.call.StatePool;

/** What a running tile of a convolution has for itself. */
final class ConvTile extends StatePool.State {
  final Copies copies = new Copies();
  final Scratch scratch = new Scratch();

  @Override
  public void close() {
    copies.close();
    scratch.close();
  }
}

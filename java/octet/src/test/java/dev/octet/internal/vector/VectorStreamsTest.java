package dev.octet.internal.vector;

import dev.octet.Engine;
import dev.octet.testing.ImageStreamsSuite;

/** Long calls of engine VECTOR, images included. */
class VectorStreamsTest extends ImageStreamsSuite {
  @Override
  protected Engine engine() {
    return Engine.VECTOR;
  }
}

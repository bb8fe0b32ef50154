package dev.octet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.op.Op;

/** An Octet that is forced to one engine, and proof that every op ran there. */
public final class Subject implements AutoCloseable {
  private final EngineProfile profile;
  private final Octet octet;

  /** Opens the engine of a profile; fails where it cannot run. */
  public Subject(EngineProfile profile) {
    this.profile = profile;
    this.octet = profile.open();
  }

  /** The Octet. */
  Octet octet() {
    return octet;
  }

  /** What the engine offers. */
  EngineProfile profile() {
    return profile;
  }

  /** An op that must be prepared by the engine under test and hold the law. */
  <T extends Op> T check(T op) {
    assertEquals(profile.engine(), op.engine(), "the op was prepared by another engine: " + op.kernel());
    assertTrue(op.exact(), () -> op.kernel() + " does not promise the law, and nobody allowed that");
    return op;
  }

  @Override
  public void close() {
    octet.close();
  }
}

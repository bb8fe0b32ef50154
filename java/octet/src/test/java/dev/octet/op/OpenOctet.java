package dev.octet.op;

import dev.octet.Octet;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An Octet that is open while the tests of a class run. */
final class OpenOctet implements BeforeAllCallback, AfterAllCallback {
  private Octet octet;

  @Override
  public void beforeAll(ExtensionContext context) {
    octet = Octet.open();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    octet.close();
  }

  Octet octet() {
    return octet;
  }
}

package dev.octet.internal.ffm;

/**
 * A native library cannot be used here. The message is one line: what failed and what to do; the cause is
 * kept. Engines hand both on to the report, in an exception of the engine SPI.
 */
public final class LibraryUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * With a reason.
   *
   * @param reason one line: what failed and what to do
   * @param cause what failed, or null
   */
  public LibraryUnavailableException(String reason, Throwable cause) {
    super(reason, cause);
  }
}

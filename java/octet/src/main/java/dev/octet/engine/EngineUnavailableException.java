package dev.octet.engine;

/** An engine cannot run here. The message is the reason as the report shows it; the cause is kept. */
public final class EngineUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * With a reason.
   *
   * @param reason one line for the report: what is missing and what to do
   * @param cause what failed, or null
   */
  public EngineUnavailableException(String reason, Throwable cause) {
    super(reason, cause);
  }
}

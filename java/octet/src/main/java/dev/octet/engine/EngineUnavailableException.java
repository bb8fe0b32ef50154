package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/** Thrown when an engine cannot run on this machine. The message is the reason, as the report shows it. */
public final class EngineUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * Creates an exception.
   *
   * @param reason one line for the report: what is missing and how to get it
   * @param cause the failure, or null
   */
  public EngineUnavailableException(String reason, @Nullable Throwable cause) {
    super(reason, cause);
  }
}

package dev.octet.quantize.file;

/**
 * Thrown where a file is not what it says it is: truncated, damaged, hostile, or of a kind that is not read
 * here.
 */
public final class MalformedFileException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * What is wrong.
   *
   * @param message the file's part, what was expected and what is there
   */
  public MalformedFileException(String message) {
    super(message);
  }

  /**
   * What is wrong.
   *
   * @param message the file's part, what was expected and what is there
   * @param cause what found it
   */
  public MalformedFileException(String message, Throwable cause) {
    super(message, cause);
  }
}

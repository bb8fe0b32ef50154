package dev.octet.internal.ffm;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Directories that the environment names. Java decodes the environment by the locale and encodes file names
 * the same way: in the POSIX locale a home directory with an umlaut is a text that is no path.
 */
public final class Place {
  private Place() {}

  /**
   * A property that names a directory.
   *
   * @param name of the property
   * @return its value, null where it is unset or empty
   */
  public static String property(String name) {
    String value = System.getProperty(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /**
   * The path that a text is.
   *
   * @param text what somebody or something named
   * @param from who named it, for the message
   * @param property names another directory
   * @throws LibraryUnavailableException if it is no path here
   */
  public static Path of(String text, String from, String property) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new LibraryUnavailableException(
          from + " is no file name in " + System.getProperty("sun.jnu.encoding") + ": " + e.getMessage()
              + "; "
              + advice(Platform.current().os()) + "name another directory with -D" + property + "=DIR",
          e);
    }
  }

  /** File names of Windows do not depend on a locale. */
  static String advice(String os) {
    return os.equals(Platform.WINDOWS) ? "" : "start Java in a locale of UTF-8 such as LC_ALL=C.UTF-8, or ";
  }

  /**
   * The directory that a property names.
   *
   * @param property its name
   * @return the directory, null where the property is unset or empty
   * @throws LibraryUnavailableException if it is no path here
   */
  public static Path of(String property) {
    String text = property(property);
    return text == null ? null : of(text, "-D" + property, property);
  }
}

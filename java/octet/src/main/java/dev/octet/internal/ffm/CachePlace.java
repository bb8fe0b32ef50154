package dev.octet.internal.ffm;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Where the {@link LibraryCache} lies: what the property names, or where the system keeps caches of a user.
 */
final class CachePlace {
  private CachePlace() {}

  /**
   * The directory.
   *
   * @param property the value of {@value LibraryCache#PROPERTY}, may be null or empty
   * @param os as in {@link Platform}
   * @param environment gives the value of a variable, or null
   * @param home of the user, may be null
   * @throws LibraryUnavailableException if there is none, or it is no path here
   */
  static Path of(String property, String os, UnaryOperator<String> environment, String home) {
    if (isNamed(property)) {
      return Place.of(property, "-D" + LibraryCache.PROPERTY, LibraryCache.PROPERTY);
    }
    return switch (os) {
      case Platform.WINDOWS -> profile(environment, home).resolve("octet");
      case Platform.MACOS -> home(home).resolve("Library/Caches/octet");
      default -> {
        Path xdg = variable(environment, "XDG_CACHE_HOME");
        yield (xdg == null ? home(home).resolve(".cache") : xdg).resolve("octet");
      }
    };
  }

  /** Whether the user, or who made the user's environment, named the directory of {@link #of}. */
  static boolean isNamed(String property, String os, UnaryOperator<String> environment) {
    boolean hasVariable = !os.equals(Platform.WINDOWS) && !os.equals(Platform.MACOS);
    return isNamed(property) || (hasVariable && variable(environment, "XDG_CACHE_HOME") != null);
  }

  private static boolean isNamed(String property) {
    return property != null && !property.isEmpty();
  }

  /** On Windows, the directory of a user for what stays on this machine. */
  static Path profile(UnaryOperator<String> environment, String home) {
    Path local = variable(environment, "LOCALAPPDATA");
    return local == null ? home(home).resolve("AppData/Local") : local;
  }

  /** What a variable names; null where it is unset, empty or, as XDG says, relative. */
  private static Path variable(UnaryOperator<String> environment, String name) {
    String value = environment.apply(name);
    if (value == null || value.isEmpty()) {
      return null;
    }
    Path path = Place.of(value, "the environment variable " + name, LibraryCache.PROPERTY);
    return path.isAbsolute() ? path : null;
  }

  /** A user without an entry in the password file, as in some containers, has the home directory "?". */
  private static Path home(String home) {
    Path absolute = home == null || home.isEmpty()
        ? null
        : Place.of(home, "the user's home directory", LibraryCache.PROPERTY);
    if (absolute == null || !absolute.isAbsolute()) {
      throw new LibraryUnavailableException(
          "no place to unpack native libraries: the user has no home directory; "
              + "name a directory with -D" + LibraryCache.PROPERTY + "=DIR",
          null);
    }
    return absolute;
  }
}

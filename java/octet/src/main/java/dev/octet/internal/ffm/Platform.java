package dev.octet.internal.ffm;

import java.util.Locale;
import java.util.Set;

/**
 * An operating system and an architecture, by the names that libraries have in the jar, where one system has
 * one name; Java has several.
 *
 * @param os such as linux, windows or macos
 * @param arch such as x86_64 or aarch64
 */
public record Platform(String os, String arch) {
  /** Any Windows. */
  public static final String WINDOWS = "windows";
  /** Any macOS. */
  public static final String MACOS = "macos";

  /** The property that lets liboctet and oneDNN run where no JVM has run them yet. */
  public static final String UNPROVEN_PROPERTY = "octet.native.unproven";

  /** Where the tests of Java have run with native code. Elsewhere those in C have at most, in an emulator. */
  private static final Set<Platform> PROVEN = Set.of(new Platform("linux", "x86_64"));

  /**
   * The platform of this JVM.
   *
   * @return by {@code os.name} and {@code os.arch}
   */
  public static Platform current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /** By the names of Java. */
  static Platform of(String osName, String osArch) {
    String name = osName.toLowerCase(Locale.ROOT).replace(" ", "");
    // "Windows 11", "Windows Server 2025", "Mac OS X"
    String os = name.startsWith("windows") ? WINDOWS : name.startsWith("macos") ? MACOS : name;
    return new Platform(os, osArch.equals("amd64") ? "x86_64" : osArch);
  }

  /**
   * The file name of a library here.
   *
   * @param name such as octet
   * @return such as liboctet.so; on Windows liboctet.dll, as its compiler names it
   */
  String library(String name) {
    String suffix = switch (os) {
      case WINDOWS -> ".dll";
      case MACOS -> ".dylib";
      default -> ".so";
    };
    return "lib" + name + suffix;
  }

  /**
   * Whether a JVM has run liboctet and oneDNN here, with the tests of every op.
   *
   * @return false where {@value #UNPROVEN_PROPERTY} has to allow it
   */
  public boolean isProven() {
    return PROVEN.contains(this);
  }

  /**
   * Throws where a library may not be loaded.
   *
   * @param library for the message
   * @throws LibraryUnavailableException if no JVM has run it here and the property does not allow it
   */
  public void requireAllowed(String library) {
    if (!isProven() && !Boolean.parseBoolean(System.getProperty(UNPROVEN_PROPERTY))) {
      throw new LibraryUnavailableException(
          "no JVM has run " + library + " on " + this + " yet: -D" + UNPROVEN_PROPERTY
              + "=true turns it on, and holds each kernel to SCALAR",
          null);
    }
  }

  /** The name of its folder in the jar. */
  @Override
  public String toString() {
    return os + "-" + arch;
  }
}

package dev.octet.internal.ffm;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Linux and macOS: owner and permissions; a file in use can be replaced, and lives on for those who use it.
 *
 * @param user the number of the user to whom everything must belong
 */
record PosixRules(int user) implements CacheRules {
  private static final Set<PosixFilePermission> ONLY_USER = PosixFilePermissions.fromString("rwx------");

  /** The user's number, from the C library: Java has no public method for it. */
  static int currentUser() {
    try {
      return (int) NativeLibrary.standard().function("geteuid", FunctionDescriptor.of(ValueLayout.JAVA_INT))
          .invokeExact();
    } catch (LibraryUnavailableException e) {
      throw e; // native access is not enabled
    } catch (Throwable e) {
      throw new AssertionError("geteuid never fails", e);
    }
  }

  @Override
  public FileAttribute<?>[] onlyUser() {
    return new FileAttribute<?>[]{PosixFilePermissions.asFileAttribute(ONLY_USER)};
  }

  private static Set<PosixFilePermission> forbidden(Kind kind) {
    return switch (kind) {
      case ROOT -> EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
      case LIBRARIES -> EnumSet.complementOf(EnumSet.copyOf(ONLY_USER));
    };
  }

  @Override
  public void check(Path directory, Kind kind) {
    try {
      int owner = (int) Files.getAttribute(directory, "unix:uid");
      if (owner != user) {
        throw new LibraryUnavailableException(
            "the cache " + directory + " belongs to user " + owner + ", not to user "
                + user + " who runs this: name a directory of your own with -D" + LibraryCache.PROPERTY
                + "=DIR",
            null);
      }
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(directory);
      if (!Collections.disjoint(mode, forbidden(kind))) {
        throw new LibraryUnavailableException("the cache " + directory + " is open to others ("
            + PosixFilePermissions.toString(mode) + "): chmod 700 it, or name another directory with -D"
            + LibraryCache.PROPERTY + "=DIR", null);
      }
    } catch (IOException e) {
      throw new LibraryUnavailableException(
          "cannot read the owner of the cache " + directory + ": " + CacheRules.reason(e), e);
    }
  }

  @Override
  public void replace(Path from, Path to, BooleanSupplier isThere) throws IOException {
    CacheRules.deleteEmptyDirectory(to);
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }
}

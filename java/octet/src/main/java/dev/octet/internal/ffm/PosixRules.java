package dev.octet.internal.ffm;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Linux and macOS: owner and permissions; a file in use can be replaced, and lives on for those who use it.
 *
 * @param user the number of the user to whom everything must belong
 * @param isNamed whether the user named the cache: the way to it is then theirs to judge. Volumes of
 *        containers are often open to everybody, as those that Kubernetes makes for a pod, and nobody else is
 *        there
 */
record PosixRules(int user, boolean isNamed) implements CacheRules {
  private static final Set<PosixFilePermission> ONLY_USER = PosixFilePermissions.fromString("rwx------");

  /** Of a file's mode. */
  private static final int OTHERS_WRITE = 02;
  private static final int STICKY = 01000;

  /** As many as Linux follows. */
  private static final int MOST_LINKS = 40;

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

  /** Of a directory. */
  private static Set<PosixFilePermission> forbidden(Kind kind) {
    return kind == Kind.ROOT
        ? EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE)
        : EnumSet.complementOf(EnumSet.copyOf(ONLY_USER));
  }

  @Override
  public void check(Path path, Kind kind) {
    try {
      int owner = (int) Files.getAttribute(path, "unix:uid");
      if (kind == Kind.FILE) {
        if (isOther(owner)) {
          throw refused("the library " + path + belongs(owner) + ": delete it", null);
        }
        return; // its directory is closed to others
      }
      if (owner != user) {
        throw refused("the cache " + path + " belongs to user " + owner + ", not to user " + user
            + " who runs this: use a directory of your own", null);
      }
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
      if (!Collections.disjoint(mode, forbidden(kind))) {
        throw refused("the cache " + path + " is open to others (" + PosixFilePermissions.toString(mode)
            + "): chmod 700 it", null);
      }
      if (!isNamed) {
        checkWay(path);
      }
    } catch (IOException e) {
      throw refused("cannot read the owner of the cache " + path + ": " + CacheRules.reason(e), e);
    }
  }

  /**
   * Checks every directory and link on the way to a cache: in a directory that everybody may write, anybody
   * can put another directory in its place, and so can the owner of a link. Directories that a group may
   * write are accepted: where every user has a group of their own, systems make them so.
   */
  private void checkWay(Path cache) throws IOException {
    Path at = cache.getRoot();
    Deque<Path> names = new ArrayDeque<>();
    cache.forEach(names::add);
    int links = 0;
    while (!names.isEmpty()) {
      checkAround(cache, at);
      Path next = at.resolve(names.removeFirst()).normalize(); // what lies before ".." is no link any more
      if (!Files.isSymbolicLink(next)) {
        at = next;
        continue;
      }
      int owner = owner(next);
      if (isOther(owner)) {
        throw refused("the cache " + cache + " is reached by the link " + next + ", which" + belongs(owner)
            + ": use a way without it", null);
      }
      if (++links > MOST_LINKS) {
        throw new FileSystemLoopException(cache.toString());
      }
      Path target = Files.readSymbolicLink(next);
      at = target.isAbsolute() ? target.getRoot() : at;
      List<Path> inside = new ArrayList<>();
      target.forEach(inside::add);
      inside.reversed().forEach(names::addFirst);
    }
  }

  private static void checkAround(Path cache, Path around) throws IOException {
    int mode = (int) Files.getAttribute(around, "unix:mode");
    if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
      throw refused("the cache " + cache + " lies in " + around + " of user " + owner(around)
          + ", where everybody can put another directory in its place ("
          + PosixFilePermissions.toString(Files.getPosixFilePermissions(around))
          + ", expected no writing by others, or the sticky bit): chmod o-w it", null);
    }
  }

  private static int owner(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  /** Neither this user nor root, who can do everything anyway. */
  private boolean isOther(int owner) {
    return owner != user && owner != 0;
  }

  private String belongs(int owner) {
    return " belongs to user " + owner + ", neither to user " + user + " who runs this nor to root";
  }

  private static LibraryUnavailableException refused(String what, @Nullable IOException cause) {
    return new LibraryUnavailableException(
        what + ", or name another directory with -D" + LibraryCache.PROPERTY + "=DIR", cause);
  }

  @Override
  public void replace(Path from, Path to, BooleanSupplier isThere) throws IOException {
    CacheRules.deleteEmptyDirectory(to);
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }
}

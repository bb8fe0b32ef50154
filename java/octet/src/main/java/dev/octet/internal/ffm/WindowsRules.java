package dev.octet.internal.ffm;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryFlag;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.UserPrincipal;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Windows. Directories have lists of who may do what; a new one takes over that of the directory around it,
 * which in the user's profile names the user, the system and administrators. Their names depend on the
 * language, so nobody is known by name: who may write the profile may write the cache, and nobody else.
 *
 * <p>
 * A library cannot be replaced while a process has it loaded, nor any file while somebody has it open who did
 * not allow that, as scanners for viruses do for a moment with every new file.
 *
 * @param profile a directory of this user, which Windows made
 * @param files what is asked of Windows
 */
record WindowsRules(Path profile, WindowsFiles files) implements CacheRules {
  /** Of a file in use: {@link WindowsFiles#pause} as often before giving up, 2 seconds. */
  static final int ATTEMPTS = 40;

  private static final Set<AclEntryPermission> WRITING = EnumSet.of(AclEntryPermission.WRITE_DATA,
      AclEntryPermission.APPEND_DATA, AclEntryPermission.DELETE, AclEntryPermission.DELETE_CHILD,
      AclEntryPermission.WRITE_ACL, AclEntryPermission.WRITE_OWNER);

  /** What the rules ask of Windows; a fake of it stands for Windows in tests. */
  interface WindowsFiles {
    UserPrincipal owner(Path path) throws IOException;

    /** Who may do what; nothing where the file system has no such lists. */
    List<AclEntry> entries(Path path) throws IOException;

    /** Renames a file, over another one if there is one; fails where that one is in use. */
    void move(Path from, Path to) throws IOException;

    /** Some time for somebody else to close a file. */
    void pause();
  }

  /** Windows itself. */
  private static final class Windows implements WindowsFiles {
    @Override
    public UserPrincipal owner(Path path) throws IOException {
      return Files.getOwner(path);
    }

    @Override
    public List<AclEntry> entries(Path path) throws IOException {
      AclFileAttributeView view = Files.getFileAttributeView(path, AclFileAttributeView.class);
      return view == null ? List.of() : view.getAcl();
    }

    @Override
    public void move(Path from, Path to) throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void pause() {
      // An interrupted thread does not wait, and stays interrupted.
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  /** The rules for the user who runs this. */
  static WindowsRules ofUser() {
    return new WindowsRules(CachePlace.profile(System::getenv, System.getProperty("user.home")),
        new Windows());
  }

  @Override
  public FileAttribute<?>[] onlyUser() {
    return new FileAttribute<?>[0];
  }

  @Override
  public void check(Path path, Kind kind) {
    try {
      Set<UserPrincipal> trusted = writers(profile);
      trusted.add(files.owner(profile));
      Set<UserPrincipal> others = writers(path);
      others.add(files.owner(path));
      others.removeAll(trusted);
      if (!others.isEmpty()) {
        throw new LibraryUnavailableException(what(kind) + path + " is open to others ("
            + String.join(", ", others.stream().map(UserPrincipal::getName).sorted().toList())
            + "), who may not write " + profile + ": take that from them with icacls, or name another "
            + "directory with -D" + LibraryCache.PROPERTY + "=DIR", null);
      }
    } catch (IOException e) {
      throw new LibraryUnavailableException(
          "cannot read who may write " + what(kind) + path + ": " + CacheRules.reason(e), e);
    }
  }

  private static String what(Kind kind) {
    return kind == Kind.FILE ? "the library " : "the cache ";
  }

  /** Who may change a file, or a directory and what is in it. */
  private Set<UserPrincipal> writers(Path path) throws IOException {
    Set<UserPrincipal> all = new HashSet<>();
    for (AclEntry entry : files.entries(path)) {
      if (entry.type() == AclEntryType.ALLOW && !entry.flags().contains(AclEntryFlag.INHERIT_ONLY)
          && !Collections.disjoint(entry.permissions(), WRITING)) {
        all.add(entry.principal());
      }
    }
    return all;
  }

  @Override
  public void replace(Path from, Path to, BooleanSupplier isThere) throws IOException {
    CacheRules.deleteEmptyDirectory(to);
    for (int attempt = 1;; attempt++) {
      try {
        files.move(from, to);
        return;
      } catch (FileSystemException e) {
        if (isThere.getAsBoolean()) {
          return; // another JVM was faster, and may have loaded it already
        }
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
      files.pause();
    }
  }
}

package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.internal.ffm.CacheRules.Kind;
import dev.octet.internal.ffm.LibraryCache.Bundle;
import dev.octet.internal.ffm.LibraryCache.Check;
import dev.octet.internal.ffm.LibraryCache.Content;
import dev.octet.internal.ffm.WindowsRules.WindowsFiles;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryFlag;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache on Windows: who may write it, and files that are in use. What Windows says is made up. */
class WindowsRulesTest {
  private record Person(String getName) implements UserPrincipal {
    @Override
    public String getName() {
      return getName;
    }
  }

  private static final Person USER = new Person("PC\\Jürgen");
  private static final Person SYSTEM = new Person("NT-AUTORITÄT\\SYSTEM");
  private static final Person ALL = new Person("VORDEFINIERT\\Benutzer");

  private static final byte[] LIBRARY = new byte[70_001];

  static {
    new Random(18).nextBytes(LIBRARY);
  }

  @TempDir
  Path dir;

  private Path profile;
  private Path root;
  private final Fake windows = new Fake();
  private WindowsRules rules;
  private LibraryCache cache;

  /** Windows by the words of its manual. */
  private static final class Fake implements WindowsFiles {
    final Map<Path, UserPrincipal> owners = new HashMap<>();
    final Map<Path, List<AclEntry>> entries = new HashMap<>();
    /** What happens instead of each move, the first one first; after them files are moved. */
    final List<Instead> instead = new ArrayList<>();
    int pauses;

    interface Instead {
      void move(Path from, Path to) throws IOException;
    }

    @Override
    public UserPrincipal owner(Path path) {
      return owners.getOrDefault(path, USER);
    }

    @Override
    public List<AclEntry> entries(Path path) {
      return entries.getOrDefault(path, List.of());
    }

    @Override
    public void move(Path from, Path to) throws IOException {
      if (!instead.isEmpty()) {
        instead.removeFirst().move(from, to);
        return;
      }
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void pause() {
      pauses++;
    }
  }

  @BeforeEach
  void makeProfile() throws IOException {
    profile = Files.createDirectories(dir.resolve("AppData/Local"));
    root = profile.resolve("octet");
    rules = new WindowsRules(profile, windows);
    cache = new LibraryCache(root, false, rules);
    windows.owners.put(profile, SYSTEM);
    windows.entries.put(profile, List.of(allow(SYSTEM, AclEntryPermission.values()),
        allow(USER, AclEntryPermission.values()), allow(ALL, AclEntryPermission.READ_DATA)));
  }

  private static AclEntry entry(AclEntryType type, Person who, Set<AclEntryFlag> flags,
      AclEntryPermission... what) {
    return AclEntry.newBuilder().setType(type).setPrincipal(who).setFlags(flags).setPermissions(what).build();
  }

  private static AclEntry allow(Person who, AclEntryPermission... what) {
    return entry(AclEntryType.ALLOW, who, Set.of(), what);
  }

  private String refused() {
    return assertThrows(LibraryUnavailableException.class, () -> rules.check(root, Kind.ROOT)).getMessage();
  }

  @Test
  void whoMayWriteTheProfileMayWriteTheCache() {
    windows.owners.put(root, USER);
    windows.entries.put(root, List.of(allow(SYSTEM, AclEntryPermission.values()),
        allow(USER, AclEntryPermission.values())));
    assertDoesNotThrow(() -> rules.check(root, Kind.ROOT));
    // The profile's owner too, on a file system without lists.
    windows.owners.put(root, SYSTEM);
    windows.entries.put(root, List.of());
    windows.entries.put(profile, List.of());
    assertDoesNotThrow(() -> rules.check(root, Kind.LIBRARIES));
  }

  @Test
  void whoMayNotIsNamed() {
    for (AclEntryPermission writing : List.of(AclEntryPermission.WRITE_DATA, AclEntryPermission.APPEND_DATA,
        AclEntryPermission.DELETE, AclEntryPermission.DELETE_CHILD, AclEntryPermission.WRITE_ACL,
        AclEntryPermission.WRITE_OWNER)) {
      windows.entries.put(root, List.of(allow(USER, AclEntryPermission.values()),
          allow(ALL, AclEntryPermission.READ_DATA, writing)));
      assertEquals("the cache " + root + " is open to others (VORDEFINIERT\\Benutzer), who may not write "
          + profile + ": take that from them with icacls, or name another directory with -Doctet.cache=DIR",
          refused());
    }
  }

  @Test
  void theOwnerOfAnotherDirectoryIsNamed() {
    windows.owners.put(root, ALL);
    assertTrue(refused().contains("(VORDEFINIERT\\Benutzer)"), refused());
  }

  @Test
  void entriesThatAllowNothingHereAreHarmless() {
    windows.entries.put(root, List.of(
        allow(ALL, AclEntryPermission.READ_DATA, AclEntryPermission.EXECUTE, AclEntryPermission.READ_ACL),
        entry(AclEntryType.DENY, ALL, Set.of(), AclEntryPermission.WRITE_DATA),
        entry(AclEntryType.ALLOW, ALL, Set.of(AclEntryFlag.INHERIT_ONLY), AclEntryPermission.WRITE_DATA)));
    assertDoesNotThrow(() -> rules.check(root, Kind.ROOT));
  }

  @Test
  void whatCannotBeReadIsSaid() {
    WindowsRules broken = new WindowsRules(profile, new WindowsFiles() {
      @Override
      public UserPrincipal owner(Path path) throws IOException {
        throw new NoSuchFileException(path.toString());
      }

      @Override
      public List<AclEntry> entries(Path path) {
        return List.of();
      }

      @Override
      public void move(Path from, Path to) {}

      @Override
      public void pause() {}
    });
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
        () -> broken.check(root, Kind.ROOT));
    assertEquals("cannot read who may write the cache " + root + ": NoSuchFileException: " + profile,
        e.getMessage());
  }

  @Test
  void unpacksIntoDirectoriesThatAreChecked() throws Exception {
    Path file = unpack();
    assertArrayEquals(LIBRARY, Files.readAllBytes(file));
    windows.entries.put(file.getParent(), List.of(allow(ALL, AclEntryPermission.WRITE_DATA)));
    assertTrue(assertThrows(LibraryUnavailableException.class, this::unpack).getMessage()
        .startsWith("the cache " + file.getParent() + " is open to others"));
  }

  @Test
  void aLibraryOfSomebodyElseIsRefused() throws Exception {
    Path file = unpack();
    windows.owners.put(file, ALL);
    String refusal = "the library " + file + " is open to others (VORDEFINIERT\\Benutzer), who may not write "
        + profile + ": take that from them with icacls, or name another directory with -Doctet.cache=DIR";
    assertEquals(refusal, assertThrows(LibraryUnavailableException.class, this::unpack).getMessage());
    windows.owners.remove(file);
    windows.entries.put(file, List.of(allow(ALL, AclEntryPermission.WRITE_DATA)));
    assertEquals(refusal, assertThrows(LibraryUnavailableException.class, this::unpack).getMessage());
  }

  @Test
  void aFileThatAScannerHasOpenIsWaitedFor() throws Exception {
    for (int i = 0; i < 3; i++) {
      windows.instead.add((from, to) -> {
        throw new FileSystemException(from.toString(), to.toString(), "is being used by another process");
      });
    }
    Path file = unpack();
    assertArrayEquals(LIBRARY, Files.readAllBytes(file));
    assertEquals(3, windows.pauses);
    assertEquals(List.of("liboctet.dll", "lock", "stamp"), files(file.getParent()));
  }

  @Test
  void aLibraryThatAnotherJvmHasLoadedMeanwhileIsTaken() throws Exception {
    windows.instead.add((from, to) -> {
      Files.write(to, LIBRARY);
      throw new AccessDeniedException(from.toString(), to.toString(), null);
    });
    Path file = unpack();
    assertArrayEquals(LIBRARY, Files.readAllBytes(file));
    assertEquals(0, windows.pauses);
    assertEquals(List.of("liboctet.dll", "lock", "stamp"), files(file.getParent()));
  }

  @Test
  void aDamagedLibraryThatStaysInUseIsNamed() throws Exception {
    Path file = unpack();
    Files.write(file, new byte[]{1, 2, 3});
    AccessDeniedException denied = new AccessDeniedException(file.toString());
    for (int i = 0; i < WindowsRules.ATTEMPTS; i++) {
      windows.instead.add((from, to) -> {
        throw denied;
      });
    }
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class, this::unpack);
    assertTrue(e.getMessage().startsWith(
        "cannot unpack native libraries into " + file.getParent() + ": AccessDeniedException: " + file),
        e.getMessage());
    assertSame(denied, e.getCause());
    assertEquals(WindowsRules.ATTEMPTS - 1, windows.pauses);
    assertEquals(List.of("liboctet.dll", "lock", "stamp"), files(file.getParent()));
    assertArrayEquals(LIBRARY, Files.readAllBytes(unpack()), "once nobody uses it");
  }

  private Path unpack() {
    try {
      Path folder = Files.createDirectories(dir.resolve("jar/lib"));
      Files.write(folder.resolve("liboctet.dll"), LIBRARY);
      String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(LIBRARY));
      Bundle bundle = new Bundle("liboctet", "1",
          List.of(new Content("lib/liboctet.dll", hash, Check.AT_EVERY_START)));
      try (URLClassLoader loader = new URLClassLoader(new URL[]{dir.resolve("jar/").toUri().toURL()}, null)) {
        return cache.unpack(loader, bundle).resolve("liboctet.dll");
      }
    } catch (IOException | java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}

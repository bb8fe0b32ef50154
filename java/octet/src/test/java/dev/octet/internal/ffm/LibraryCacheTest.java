package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.internal.ffm.LibraryCache.Bundle;
import dev.octet.internal.ffm.LibraryCache.Check;
import dev.octet.internal.ffm.LibraryCache.Content;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every way in which a cache, a jar and other processes can be in the way. Files of the user are not touched.
 */
class LibraryCacheTest {
  /** One file that is hashed at every start, and one that is too large for that. */
  private static final byte[] SMALL = bytes(100_003);
  private static final byte[] LARGE = bytes(1_100_003);

  private static final Bundle BUNDLE = new Bundle("pair", "1.2",
      List.of(new Content("lib/linux/large.so.3", sha256(LARGE), Check.BY_STAMP),
          new Content("lib/linux/small.so", sha256(SMALL), Check.AT_EVERY_START)));

  private static final CacheRules RULES = new PosixRules(PosixRules.currentUser(), false);

  @TempDir
  Path dir;

  private Path root;
  private Path jar;
  private URLClassLoader loader;

  @BeforeEach
  void makeJar() throws IOException {
    root = dir.resolve("cache/octet");
    jar = jar("pair.jar", LARGE, SMALL);
    loader = loader(jar);
  }

  @AfterEach
  void closeJar() throws IOException {
    loader.close();
  }

  @Test
  void unpacksOnceForThisUserAlone() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    assertIntact(directory);
    assertTrue(directory.startsWith(root), directory.toString());
    assertTrue(directory.getFileName().toString().startsWith("pair-1.2-"), directory.toString());
    for (Path path : List.of(root, directory)) {
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)),
          path.toString());
    }
    Object large = Files.getAttribute(directory.resolve("large.so.3"), "unix:ino");
    assertEquals(directory, cache().unpack(loader, BUNDLE));
    assertEquals(large, Files.getAttribute(directory.resolve("large.so.3"), "unix:ino"), "unpacked again");
    assertEquals(List.of("large.so.3", "lock", "small.so", "stamp"), files(directory));
  }

  @Test
  void needsNoJarOnceUnpacked() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    try (URLClassLoader empty = loader()) {
      assertEquals(directory, cache().unpack(empty, BUNDLE));
      assertEquals(directory, new LibraryCache(root, true, RULES).unpack(empty, BUNDLE));
    }
  }

  @Test
  void anotherContentLiesElsewhere() throws Exception {
    Path first = cache().unpack(loader, BUNDLE);
    byte[] other = bytes(5_000);
    Bundle next = new Bundle("pair", "1.2",
        List.of(new Content("lib/linux/large.so.3", sha256(other), Check.BY_STAMP),
            BUNDLE.files().get(1)));
    try (URLClassLoader nextLoader = loader(jar("next.jar", other, SMALL))) {
      Path second = cache().unpack(nextLoader, next);
      assertNotEquals(first, second);
      assertArrayEquals(other, Files.readAllBytes(second.resolve("large.so.3")));
    }
    assertIntact(first);
  }

  @Test
  void aMissingResourceIsNamed() throws Exception {
    try (URLClassLoader empty = loader()) {
      LibraryUnavailableException e = refused(cache(), empty);
      assertEquals("lib/linux/large.so.3 is not on the class path: add the jar that holds it",
          e.getMessage());
    }
  }

  @Test
  void aTamperedResourceNeverReachesTheCache() throws Exception {
    byte[] tampered = SMALL.clone();
    tampered[tampered.length / 2] ^= 1;
    try (URLClassLoader bad = loader(jar("tampered.jar", LARGE, tampered))) {
      LibraryUnavailableException e = refused(cache(), bad);
      assertMessage(e, "tampered.jar", "lib/linux/small.so", sha256(SMALL), sha256(tampered),
          "download it again");
      assertNothingButLarge();
    }
    assertIntact(cache().unpack(loader, BUNDLE));
  }

  @Test
  void aTruncatedResourceNeverReachesTheCache() throws Exception {
    byte[] truncated = java.util.Arrays.copyOf(SMALL, SMALL.length - 1);
    try (URLClassLoader bad = loader(jar("truncated.jar", LARGE, truncated))) {
      assertMessage(refused(cache(), bad), "truncated.jar", "(" + truncated.length + " bytes)",
          "download it again");
      assertNothingButLarge();
    }
  }

  @Test
  void aDamagedJarKeepsItsCause() throws Exception {
    byte[] zip = Files.readAllBytes(jar);
    for (int i = 1000; i < 3000; i++) {
      zip[i] = 0; // the directory at the end stays, the compressed data is broken
    }
    Path damaged = Files.write(dir.resolve("damaged.jar"), zip);
    try (URLClassLoader bad = loader(damaged)) {
      LibraryUnavailableException e = refused(cache(), bad);
      assertMessage(e, "cannot read", "damaged.jar", "download it again");
      assertNotNull(e.getCause());
    }
  }

  @Test
  void aDamagedSmallFileIsReplacedWhateverItsStampSays() throws Exception {
    Path file = cache().unpack(loader, BUNDLE).resolve("small.so");
    damage(file, true);
    assertIntact(cache().unpack(loader, BUNDLE));
  }

  @Test
  void aDamagedLargeFileIsReplaced() throws Exception {
    Path file = cache().unpack(loader, BUNDLE).resolve("large.so.3");
    damage(file, false);
    assertIntact(cache().unpack(loader, BUNDLE));
    Files.write(file, java.util.Arrays.copyOf(LARGE, LARGE.length / 2));
    assertIntact(cache().unpack(loader, BUNDLE));
    Files.delete(file);
    assertIntact(cache().unpack(loader, BUNDLE));
  }

  @Test
  void verifyFindsDamageThatSizeAndTimeHide() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    damage(directory.resolve("large.so.3"), true);
    cache().unpack(loader, BUNDLE);
    assertNotEquals(sha256(LARGE), sha256(Files.readAllBytes(directory.resolve("large.so.3"))),
        "found without verify: this test shows nothing");
    new LibraryCache(root, true, RULES).unpack(loader, BUNDLE);
    assertIntact(directory);
  }

  @Test
  void aDamagedStampCostsOneHash() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    String stamp = Files.readString(directory.resolve("stamp"));
    Object large = Files.getAttribute(directory.resolve("large.so.3"), "unix:ino");
    for (String bad : List.of("", stamp.substring(1), stamp + "\n")) {
      Files.writeString(directory.resolve("stamp"), bad);
      cache().unpack(loader, BUNDLE);
      assertEquals(stamp, Files.readString(directory.resolve("stamp")));
      assertEquals(large, Files.getAttribute(directory.resolve("large.so.3"), "unix:ino"), "unpacked again");
    }
  }

  @Test
  void whatIsNoStampCostsOneHash() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    Path stamp = directory.resolve("stamp");
    String text = Files.readString(stamp);
    Files.write(stamp, new byte[]{(byte) 0xff, (byte) 0xfe, 0}); // no UTF-8
    assertIntact(cache().unpack(loader, BUNDLE));
    assertEquals(text, Files.readString(stamp));
    Files.delete(stamp);
    Files.createDirectory(stamp);
    assertIntact(cache().unpack(loader, BUNDLE));
    assertEquals(text, Files.readString(stamp));
  }

  @Test
  void aLockThatCannotBeOpenedStopsNobody() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    Files.delete(directory.resolve("lock"));
    Files.createDirectory(directory.resolve("lock"));
    Files.delete(directory.resolve("small.so"));
    assertIntact(cache().unpack(loader, BUNDLE));
    assertEquals(List.of("large.so.3", "lock", "small.so", "stamp"), files(directory));
  }

  @Test
  void aDirectoryWithContentInPlaceOfTheStampIsNamed() throws Exception {
    Path stamp = cache().unpack(loader, BUNDLE).resolve("stamp");
    Files.delete(stamp);
    Files.createDirectories(stamp.resolve("occupied"));
    assertMessage(refused(cache(), loader), stamp.toString(), "-Doctet.cache=DIR");
    assertEquals(List.of("large.so.3", "lock", "small.so", "stamp"), files(stamp.getParent()));
  }

  /** Two JVMs that could not open the lock. */
  @Test
  void anEmptyDirectoryInPlaceOfAFileIsClearedByTwoAtOnce() throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(2);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 3000; round++) {
        Path place = Files.createDirectory(dir.resolve("place" + round));
        List<Future<?>> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          Path from = Files.write(dir.resolve("from" + i), new byte[]{1});
          both.add(threads.submit(() -> {
            barrier.await();
            RULES.replace(from, place, () -> false);
            return null;
          }));
        }
        for (Future<?> each : both) {
          each.get();
        }
        assertTrue(Files.isRegularFile(place), place.toString());
        Files.delete(place);
      }
    }
  }

  @Test
  void aJarInAFolderWithAnExclamationMarkIsRead() throws Exception {
    Path folder = Files.createDirectory(dir.resolve("wow!"));
    Path moved = Files.move(jar, folder.resolve("größe 1!.jar"));
    try (URLClassLoader odd = loader(moved)) {
      assertIntact(cache().unpack(odd, BUNDLE));
    }
  }

  @Test
  void aLinkInPlaceOfAFileIsReplaced() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    Path elsewhere = Files.write(dir.resolve("elsewhere.so"), SMALL);
    Files.delete(directory.resolve("small.so"));
    Files.createSymbolicLink(directory.resolve("small.so"), elsewhere);
    assertIntact(cache().unpack(loader, BUNDLE));
    assertTrue(Files.isRegularFile(directory.resolve("small.so"), java.nio.file.LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void whatKilledProcessesLeftIsDeleted() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    Path old = Files.writeString(directory.resolve("large.so.3.1.tmp"), "left");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(7200)));
    Files.writeString(directory.resolve("large.so.3.2.tmp"), "being written");
    Files.delete(directory.resolve("stamp"));
    cache().unpack(loader, BUNDLE);
    assertEquals(List.of("large.so.3", "large.so.3.2.tmp", "lock", "small.so", "stamp"), files(directory));
  }

  @Test
  void aFileInPlaceOfTheCacheIsNamed() throws Exception {
    Path file = Files.writeString(dir.resolve("occupied"), "a file");
    LibraryUnavailableException e = refused(new LibraryCache(file, false, RULES),
        loader);
    assertMessage(e, "the cache " + file + " is a file", "-Doctet.cache=DIR");
    assertNotNull(e.getCause());
  }

  @Test
  void anUnwritableCacheIsNamed() throws Exception {
    Path file = Files.writeString(dir.resolve("occupied"), "a file");
    // Below a file, and on a file system of the kernel: neither lets even root make a directory.
    for (Path place : List.of(file.resolve("below/octet"), Path.of("/proc/octet"))) {
      LibraryUnavailableException e = refused(new LibraryCache(place, false, RULES),
          loader);
      assertMessage(e, "cannot make the cache " + place, "-Doctet.cache=DIR");
      assertNotNull(e.getCause());
    }
  }

  @Test
  void whatCannotBeWrittenInsideTheCacheIsNamed() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    Files.delete(directory.resolve("large.so.3"));
    Files.createDirectories(directory.resolve("large.so.3/occupied"));
    LibraryUnavailableException e = refused(cache(), loader);
    assertMessage(e, "cannot unpack native libraries into " + directory, "-Doctet.cache=DIR");
    assertNotNull(e.getCause());
  }

  @Test
  void aCacheOfSomebodyElseIsRefused() throws Exception {
    cache().unpack(loader, BUNDLE);
    LibraryUnavailableException e = refused(
        new LibraryCache(root, false, new PosixRules(PosixRules.currentUser() + 1, false)), loader);
    assertMessage(e, "the cache " + root + " belongs to user " + PosixRules.currentUser(),
        "-Doctet.cache=DIR");
  }

  @Test
  void aCacheThatOthersCanWriteIsRefused() throws Exception {
    Path directory = cache().unpack(loader, BUNDLE);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertMessage(refused(cache(), loader), "the cache " + directory + " is open to others (rwxr-xr-x)",
        "chmod 700");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx-w----"));
    assertMessage(refused(cache(), loader), "the cache " + root + " is open to others (rwx-w----)",
        "chmod 700");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertIntact(cache().unpack(loader, BUNDLE));
  }

  private LibraryUnavailableException refused(Path place) {
    return refused(new LibraryCache(place, false, RULES), loader);
  }

  @Test
  void aWayThatEverybodyCanWriteIsRefused() throws Exception {
    Path open = Files.createDirectory(dir.resolve("open"));
    Path place = open.resolve("mine/octet");
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertEquals("the cache " + place + " lies in " + open + " of user " + PosixRules.currentUser()
        + ", where everybody can put another directory in its place (rwxrwxrwx, expected no writing by others,"
        + " or the sticky bit): chmod o-w it, or name another directory with -Doctet.cache=DIR",
        refused(place).getMessage());
    // So it is behind a link.
    Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("open/../open/mine"));
    assertMessage(refused(link.resolve("octet")), "the cache " + link + "/octet lies in " + open);
    Files.setAttribute(open, "unix:mode", 01777);
    new LibraryCache(place, false, RULES).unpack(loader, BUNDLE);
    // The cache itself is this user's alone, whatever the bit.
    Files.setAttribute(place, "unix:mode", 01777);
    assertMessage(refused(place), "the cache " + place + " is open to others (rwxrwxrwx)");
    // Nor does a group matter on the way: where a user is alone in his, systems make directories so.
    Files.setAttribute(place, "unix:mode", 0700);
    Files.setAttribute(open, "unix:mode", 0775);
    new LibraryCache(place, false, RULES).unpack(loader, BUNDLE);
  }

  /** As volumes of containers are; the cache itself is this user's alone nevertheless. */
  @Test
  void theWayToANamedDirectoryIsItsUsersToJudge() throws Exception {
    CacheRules named = new PosixRules(PosixRules.currentUser(), true);
    Path open = Files.createDirectory(dir.resolve("volume"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path place = open.resolve("octet");
    assertIntact(new LibraryCache(place, false, named).unpack(loader, BUNDLE));
    assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(place));
    Files.setAttribute(place, "unix:mode", 0777);
    assertMessage(refused(new LibraryCache(place, false, named), loader),
        "the cache " + place + " is open to others (rwxrwxrwx)");
  }

  @Test
  void aLinkOfThisUserIsFollowed() throws Exception {
    Path real = Files.createDirectories(dir.resolve("real/cache"));
    Files.createSymbolicLink(dir.resolve("absolute"), real);
    Path link = Files.createSymbolicLink(dir.resolve("relative"), Path.of("./absolute"));
    assertIntact(new LibraryCache(link.resolve("octet"), false, RULES).unpack(loader, BUNDLE));
    assertTrue(Files.isDirectory(real.resolve("octet")));
  }

  /** Only root can give files away. */
  private static void giveAway(Path path) throws IOException {
    assumeTrue(PosixRules.currentUser() == 0, "not root");
    Files.setAttribute(path, "unix:uid", 4711, LinkOption.NOFOLLOW_LINKS);
  }

  @Test
  void aLinkOfSomebodyElseIsRefused() throws Exception {
    Path real = Files.createDirectory(dir.resolve("real"));
    Path link = Files.createSymbolicLink(dir.resolve("link"), real);
    giveAway(link);
    for (Path place : List.of(link, link.resolve("octet"))) {
      Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwx------"));
      assertEquals("the cache " + place + " is reached by the link " + link + ", which belongs to user 4711, "
          + "neither to user 0 who runs this nor to root: use a way without it, or name another directory with "
          + "-Doctet.cache=DIR", refused(place).getMessage());
    }
  }

  @Test
  void aLibraryOfSomebodyElseIsRefused() throws Exception {
    Path file = cache().unpack(loader, BUNDLE).resolve("small.so");
    giveAway(file);
    assertEquals(
        "the library " + file + " belongs to user 4711, neither to user 0 who runs this nor to root: "
            + "delete it, or name another directory with -Doctet.cache=DIR",
        refused(cache(), loader).getMessage());
    Files.delete(file);
    assertIntact(cache().unpack(loader, BUNDLE));
  }

  @Test
  void whatIsInTheWayOfTheCacheIsNamed() throws Exception {
    Path link = Files.createSymbolicLink(dir.resolve("link"), dir.resolve("nowhere"));
    String advice = " a link to what is no directory: make that directory, or delete the link, or name another "
        + "directory with -Doctet.cache=DIR";
    assertEquals("the cache " + link + " is" + advice, refused(link).getMessage());
    Path below = link.resolve("octet");
    assertEquals("the cache " + below + " lies in " + link + ", which is" + advice,
        refused(below).getMessage());
    Path file = Files.writeString(dir.resolve("occupied"), "a file");
    Path inFile = file.resolve("octet");
    assertEquals("the cache " + inFile + " lies in " + file + ", which is a file: delete it, or name another "
        + "directory with -Doctet.cache=DIR", refused(inFile).getMessage());
    Path toFile = Files.createSymbolicLink(dir.resolve("to-file"), file);
    assertEquals("the cache " + toFile + " is" + advice, refused(toFile).getMessage());
  }

  @Test
  void linksInACircleAreNamed() throws Exception {
    Path circle = Files.createSymbolicLink(dir.resolve("circle"), Path.of("circle"));
    assertMessage(refused(circle), "the cache " + circle + " is a link to what is no directory");
  }

  @Test
  void anInterruptedThreadLoadsAllTheSame() throws Exception {
    Thread.currentThread().interrupt();
    try {
      cache().unpack(loader, BUNDLE);
      assertTrue(Thread.currentThread().isInterrupted(), "the interrupt was swallowed");
    } finally {
      Thread.interrupted();
    }
    assertIntact(cache().unpack(loader, BUNDLE));
  }

  @Test
  void threadsUnpackAtOnce() throws Exception {
    int threads = 8;
    CyclicBarrier start = new CyclicBarrier(threads);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<Path>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(executor.submit((Callable<Path>) () -> {
          start.await();
          return cache().unpack(loader, BUNDLE);
        }));
      }
      for (Future<Path> one : all) {
        assertIntact(one.get());
      }
    }
    assertEquals(List.of("large.so.3", "lock", "small.so", "stamp"), files(cache().unpack(loader, BUNDLE)));
  }

  @Test
  void jvmsUnpackAtOnce() throws Exception {
    Path place = dir.resolve("shared");
    List<ChildJvm> children = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      children.add(ChildJvm.of(Unpack.class, List.of("-Doctet.cache=" + place, "-XX:TieredStopAtLevel=1"),
          List.of(LibraryCache.class), jar.toString()));
    }
    for (ChildJvm.Result result : ChildJvm.runTogether(children)) {
      assertEquals(0, result.exit(), result.output());
      Path directory = Path.of(result.output().strip());
      assertIntact(directory);
      assertEquals(List.of("large.so.3", "lock", "small.so", "stamp"), files(directory));
    }
  }

  /** Runs in a child. */
  static final class Unpack {
    private Unpack() {}

    public static void main(String[] args) throws IOException {
      try (URLClassLoader loader = loader(Path.of(args[0]))) {
        System.out.println(LibraryCache.fromProperties().unpack(loader, BUNDLE));
      }
    }
  }

  @Test
  void whatIsNoHashIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Content("lib/x.so", "abc", Check.BY_STAMP));
    assertThrows(IllegalArgumentException.class,
        () -> new Content("lib/x.so", sha256(SMALL).toUpperCase(java.util.Locale.ROOT), Check.BY_STAMP));
  }

  private LibraryCache cache() {
    return new LibraryCache(root, false, RULES);
  }

  private static LibraryUnavailableException refused(LibraryCache cache, ClassLoader loader) {
    return assertThrows(LibraryUnavailableException.class, () -> cache.unpack(loader, BUNDLE));
  }

  private static void assertMessage(Exception e, String... parts) {
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> "expected \"" + part + "\" in: " + e.getMessage());
    }
  }

  private static void assertIntact(Path directory) throws IOException {
    assertEquals(sha256(LARGE), sha256(Files.readAllBytes(directory.resolve("large.so.3"))),
        directory.toString());
    assertEquals(sha256(SMALL), sha256(Files.readAllBytes(directory.resolve("small.so"))),
        directory.toString());
  }

  private void assertNothingButLarge() throws IOException {
    try (Stream<Path> directories = Files.list(root)) {
      assertEquals(List.of("large.so.3", "lock"), files(directories.findFirst().orElseThrow()));
    }
  }

  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Flips a bit in the middle; the file keeps its size, and its time if asked. */
  private static void damage(Path file, boolean keepTime) throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
    Files.setLastModifiedTime(file, keepTime ? time : FileTime.fromMillis(time.toMillis() + 1));
  }

  private Path jar(String name, byte[] large, byte[] small) throws IOException {
    Path file = dir.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("lib/linux/large.so.3"));
      zip.write(large);
      zip.putNextEntry(new ZipEntry("lib/linux/small.so"));
      zip.write(small);
    }
    return file;
  }

  private static URLClassLoader loader(Path... jars) throws IOException {
    URL[] urls = new URL[jars.length];
    for (int i = 0; i < jars.length; i++) {
      urls[i] = jars[i].toUri().toURL();
    }
    return new URLClassLoader(urls, null);
  }

  /** Noise that compresses by half, so that damage in a jar meets the decompressor. */
  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    for (int i = 0; i < size; i++) {
      bytes[i] &= 15;
    }
    return bytes;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}

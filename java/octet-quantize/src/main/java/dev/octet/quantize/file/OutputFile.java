package dev.octet.quantize.file;

import dev.octet.quantize.mapped.FileError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * Writes a file aside and gives it its name at {@link #commit()}: without that, {@link #close()}, an
 * exception or the end of the JVM leaves nothing behind, and a file that had the name before stays what it
 * was. One thread at a time.
 *
 * <p>
 * A symbolic link is followed: the file that it names is replaced, and the link stays. Permissions of a file
 * that is replaced are kept. What is no regular file, such as a device, is refused. The file aside,
 * {@code .NAME.*.part} in the same folder, has a name that cannot be guessed, is made exclusively, and locked
 * while it is written; what a killed JVM left, older than a minute and not locked, is removed by the next one
 * that writes the same name.
 */
public final class OutputFile implements AutoCloseable {
  /** Of the name of the target, in the name of the temporary file. */
  private static final int MOST_BYTES = 200;
  private static final String PART = ".part";
  /** Between making a file and locking it. */
  private static final long YOUNG_MILLIS = 60_000;
  /** As many as Linux follows. */
  private static final int MOST_LINKS = 40;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path asked;
  private final Path target;
  private final Path aside;
  private final FileChannel channel;
  private final Thread hook;
  private boolean done;

  private OutputFile(Path asked) throws IOException {
    this.asked = asked;
    // Before links are followed by name: that of /dev/stdout to a pipe names no path.
    FileError.requireFile(asked, asked, "the name of a file to be written");
    this.target = followed(asked.toAbsolutePath());
    String name = String.valueOf(target.getFileName());
    String start = "." + beginning(name) + ".";
    removeLeftovers(start);
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    this.aside = target.resolveSibling(start + HexFormat.of().formatHex(random) + PART);
    this.hook = new Thread(this::discard);
    this.channel = FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
        LinkOption.NOFOLLOW_LINKS);
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      channel.tryLock();
    } catch (IOException e) {
      // a file system without locks: leftovers stay there
    }
  }

  /**
   * Creates the file aside.
   *
   * @param path the name that it gets
   * @return the file, to be closed
   * @throws IllegalArgumentException if there is something else than a regular file of that name
   * @throws UncheckedIOException if the file cannot be written
   */
  public static OutputFile create(Path path) {
    Objects.requireNonNull(path, "path");
    try {
      return new OutputFile(path);
    } catch (IOException e) {
      throw FileError.writing(path, e);
    }
  }

  /**
   * Writes a whole file and commits it.
   *
   * @param path its name
   * @param bytes what it holds
   * @throws IllegalArgumentException if there is something else than a regular file of that name
   * @throws UncheckedIOException if the file cannot be written
   */
  public static void write(Path path, byte[] bytes) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(bytes, "bytes");
    try (OutputFile file = create(path)) {
      file.write(ByteBuffer.wrap(bytes), 0);
      file.commit();
    } catch (IOException e) {
      throw FileError.writing(path, e);
    }
  }

  /**
   * Refuses an output that is an input, under whatever name: the same path, or a link to it; and one, or a
   * link to one, in the folder of an input that is named like a part of the model there, such as another
   * index, or that would replace weights beside a ModelSlim model.
   *
   * @param operand what the output is called, for the message
   * @param output the output
   * @param inputs files and folders that are read
   * @throws IllegalArgumentException if writing the output would overwrite an input or weights beside a
   *         ModelSlim model, or change what the folder of an input is read as
   * @throws UncheckedIOException if the files cannot be compared
   */
  public static void refuseInputs(String operand, Path output, List<Path> inputs) {
    Objects.requireNonNull(operand, "operand");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(inputs, "inputs");
    try {
      for (Path input : inputs) {
        if (Files.exists(output) && Files.exists(input) && Files.isSameFile(output, input)) {
          throw new IllegalArgumentException(
              operand + ": " + output + " is the input " + input + "; name another file");
        }
      }
      FolderParts.refuse(operand, output, followed(output.toAbsolutePath()), inputs);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compare " + output + " with its inputs: " + FileError.reason(e),
          e);
    }
  }

  /** What fits a name of 255 bytes with what is put around it: whole characters. */
  private static String beginning(String name) {
    int end = 0;
    for (int bytes = 0; end < name.length(); end += Character.charCount(name.codePointAt(end))) {
      bytes += Character.toString(name.codePointAt(end)).getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MOST_BYTES) {
        break;
      }
    }
    return name.substring(0, end);
  }

  private static Path followed(Path path) throws IOException {
    Path at = path;
    for (int links = 0; Files.isSymbolicLink(at); links++) {
      if (links == MOST_LINKS) {
        throw new IOException("more than " + MOST_LINKS + " symbolic links");
      }
      at = at.resolveSibling(Files.readSymbolicLink(at));
    }
    return at;
  }

  private void removeLeftovers(String start) throws IOException {
    Path folder = target.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return; // the channel's message names it
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, file -> {
      String name = file.getFileName().toString();
      return name.startsWith(start) && name.endsWith(PART)
          && name.substring(start.length(), name.length() - PART.length()).matches("[0-9a-f]{16}");
    })) {
      for (Path file : files) {
        removeIfLeft(file);
      }
    }
  }

  private static void removeIfLeft(Path file) {
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          || System.currentTimeMillis() - Files.getLastModifiedTime(file).toMillis() < YOUNG_MILLIS) {
        return;
      }
      try (FileChannel left = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
          FileLock lock = left.tryLock()) {
        if (lock != null) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | OverlappingFileLockException e) {
      // another's, or in use: not ours to remove
    }
  }

  /**
   * Writes bytes at a place.
   *
   * @param bytes what to write, all of it
   * @param position of the first byte
   * @throws IOException if they cannot be written
   */
  public void write(ByteBuffer bytes, long position) throws IOException {
    Objects.requireNonNull(bytes, "bytes");
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /**
   * Gives the file its name, in place of what had it.
   *
   * @throws UncheckedIOException if that fails
   */
  public synchronized void commit() {
    try {
      PosixFileAttributeView before = Files.getFileAttributeView(target, PosixFileAttributeView.class);
      if (before != null && Files.exists(target)) {
        Files.getFileAttributeView(aside, PosixFileAttributeView.class)
            .setPermissions(before.readAttributes().permissions());
      }
      channel.force(true);
      channel.close();
      try {
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(aside, target, StandardCopyOption.REPLACE_EXISTING);
      }
      done = true;
    } catch (IOException e) {
      throw FileError.writing(asked, e);
    }
  }

  /** Removes what was written, unless committed. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      return; // the hook does it
    }
    discard();
  }

  private synchronized void discard() {
    if (done) {
      return;
    }
    try {
      channel.close();
      Files.deleteIfExists(aside);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + aside + ": " + FileError.reason(e), e);
    }
  }
}

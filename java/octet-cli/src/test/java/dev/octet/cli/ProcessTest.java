package dev.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own: where its output goes, and files that change under it. */
class ProcessTest {
  private record End(int exit, String out, String err) {}

  @TempDir
  Path folder;

  private Process start(String redirection, String... args) throws IOException {
    String command = Stream
        .concat(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
            System.getProperty("java.class.path"), OctetCommand.class.getName()), Stream.of(args))
        .map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    return new ProcessBuilder("sh", "-c", "exec " + command + " " + redirection)
        .redirectOutput(folder.resolve("out").toFile()).redirectError(folder.resolve("err").toFile()).start();
  }

  private End end(Process process) throws IOException, InterruptedException {
    try {
      assertTrue(process.waitFor(2, TimeUnit.MINUTES), "still running");
    } finally {
      process.destroyForcibly();
    }
    return new End(process.exitValue(), Files.readString(folder.resolve("out")),
        Files.readString(folder.resolve("err")));
  }

  /** A file of one matrix of zeros, [rows][1024], that takes no room on the disk. */
  private Path zeros(String name, int rows) throws IOException {
    long bytes = 4096L * rows;
    byte[] header = ("{\"a.weight\":{\"dtype\":\"F32\",\"shape\":[" + rows + ",1024],\"data_offsets\":[0,"
        + bytes + "]}}").getBytes(StandardCharsets.US_ASCII);
    Path path = folder.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
      file.write(header);
      file.setLength(8 + header.length + bytes);
    }
    return path;
  }

  @Test
  void aFullDiskIsNoSuccess() throws IOException, InterruptedException {
    assumeTrue(Files.exists(Path.of("/dev/full")), "no /dev/full");
    String file = zeros("small.safetensors", 4).toString();
    for (List<String> args : List.of(List.of("inspect", file), List.of("inspect", file, "--json"),
        List.of("verify", file, file), List.of("--help"), List.of("info"), List.of("generate-completion"))) {
      End end = end(start(">/dev/full", args.toArray(new String[0])));
      assertEquals(1, end.exit, args + ": " + end.err);
      assertTrue(end.err.contains("octet: cannot write to standard output: "), args + ": " + end.err);
      assertFalse(end.err.contains("\tat "), end.err);
    }
  }

  @Test
  void aReaderThatHasEnoughIsNoComplaint() throws IOException, InterruptedException {
    End end = end(start("| head -c 1 >/dev/null", "generate-completion"));
    assertEquals(List.of(), end.err.lines().filter(line -> line.startsWith("octet")).toList());
  }

  /** Followed by name, the link of a pipe leads to a folder that is not there. */
  @Test
  void standardOutputThatIsAPipeIsNoFile() throws IOException, InterruptedException {
    assumeTrue(Files.exists(Path.of("/dev/stdout")), "no /dev/stdout");
    String file = zeros("small.safetensors", 4).toString();
    End end = end(start("| cat", "quantize", file, "-o", "/dev/stdout", "-s", "int8-dynamic"));
    assertEquals("octet: /dev/stdout: expected the name of a file to be written, it is a device, a pipe or a "
        + "socket", end.err.lines().filter(line -> !line.startsWith("WARNING")).toList().getFirst());
    assertEquals("", end.out);
  }

  /** The output is begun when the input has been opened, and most of it is still to be read then. */
  @Test
  void anInputThatShrinksIsAPlainError() throws IOException, InterruptedException {
    Path in = zeros("large.safetensors", 1 << 18);
    Path out = Files.createDirectory(folder.resolve("written")).resolve("out.safetensors");
    Process process = start("", "quantize", in.toString(), "-o", out.toString(), "-s", "int8-dynamic");
    while (process.isAlive() && isEmpty(out.getParent())) {
      Thread.sleep(1);
    }
    try (RandomAccessFile file = new RandomAccessFile(in.toFile(), "rw")) {
      file.setLength(4096);
    }
    End end = end(process);
    assertEquals(1, end.exit, end.err);
    assertTrue(end.err.contains("octet: " + in + " changed while it was read"), end.err);
    assertEquals(1, end.err.lines().filter(line -> !line.startsWith("WARNING")).count(), end.err);
    assertTrue(isEmpty(out.getParent()));
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }
}

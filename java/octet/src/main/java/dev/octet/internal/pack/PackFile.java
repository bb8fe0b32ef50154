package dev.octet.internal.pack;

import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Quantization;
import dev.octet.WeightLayout;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.PackableWeights;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Packed weights in a file: a header that says what they are and for which kernels, then the bytes as kernels
 * read them, at a page of their own, so that processes map them and share the pages. Numbers are big-endian
 * in the header.
 *
 * <pre>
 * magic "OCTETPAK", version, bytes of the header, bytes of the content, CRC-32C of both
 * engine, layout, type, order, granularity, K, N, axis, group size, scales, zero points
 * </pre>
 *
 * Of weights in a block format the type is the name of the format, the granularity BLOCKS, and there are
 * neither scales nor zero points: the content has them.
 */
public final class PackFile {
  private static final long MAGIC = 0x4f43544554_50414bL;
  private static final int VERSION = 1;
  /** Magic, version, two sizes, checksum. */
  private static final int PREFIX = 8 + 4 + 4 + 8 + 8;
  private static final int PAGE = 4096;
  private static final String BLOCKS = "BLOCKS";
  private static final SecureRandom RANDOM = new SecureRandom();

  private PackFile() {}

  /**
   * What a file says of its content.
   *
   * @param engine whose kernels read it
   * @param layout as they call it
   * @param blocks the block format, or null
   * @param type of the weights; null in a block format
   * @param order of the quantization's channels and groups
   * @param k input features
   * @param n output features
   * @param quantization of the weights; null in a block format
   */
  public record Header(Engine engine, String layout, @Nullable BlockFormat blocks, @Nullable DataType type,
      WeightLayout order, int k, int n, @Nullable Quantization quantization) {
    /** The header of packed weights. */
    public static Header of(Engine engine, PackableWeights weights) {
      String layout = weights.pack().layout();
      return switch (weights) {
        case MatrixWeights matrix -> new Header(engine, layout, null, matrix.type(),
            matrix.outIn() ? WeightLayout.OUT_IN : WeightLayout.IN_OUT, matrix.k(), matrix.n(),
            matrix.quantization());
        case BlockWeights blocks -> new Header(engine, layout, blocks.format(), null, WeightLayout.OUT_IN,
            blocks.k(), blocks.n(), null);
      };
    }
  }

  /**
   * A file in memory.
   *
   * @param header what it is
   * @param content the bytes; read-only where they are mapped
   * @param arena unmaps or frees them
   */
  public record Opened(Header header, MemorySegment content, Arena arena) {}

  /**
   * Writes a file aside and then moves it into place, so that nobody ever sees half of it.
   *
   * @param path where to
   * @param header what it is
   * @param content the bytes
   * @throws IllegalArgumentException if the path is empty or a root
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path path, Header header, MemorySegment content) {
    Path file = path.toAbsolutePath().getFileName();
    if (file == null || path.toString().isEmpty()) {
      throw new IllegalArgumentException("path: expected the path of a file, got '" + path + "'");
    }
    try {
      byte[] fields = fields(header);
      int headerBytes = Math.ceilDiv(PREFIX + fields.length, PAGE) * PAGE;
      ByteBuffer head = ByteBuffer.allocate(headerBytes);
      head.putLong(MAGIC).putInt(VERSION).putInt(headerBytes).putLong(content.byteSize()).putLong(0)
          .put(fields);
      head.putLong(PREFIX - 8, checksum(MemorySegment.ofArray(head.array()), content)).clear();
      Path directory = path.toAbsolutePath().getParent();
      Path aside = directory.resolve(file + "." + Long.toHexString(RANDOM.nextLong()) + ".tmp");
      try {
        // Not createTempFile: that is for the owner alone, and processes of other users are to share the
        // pages.
        // As open makes it, the umask decides.
        try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE,
            StandardOpenOption.CREATE_NEW)) {
          writeAll(channel, head);
          for (long at = 0; at < content.byteSize(); at += 1 << 30) {
            writeAll(channel, part(content, at));
          }
          channel.force(true);
        }
        Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(aside);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("packed weights: cannot write " + path, e);
    }
  }

  private static byte[] fields(Header header) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    Quantization q = header.quantization();
    for (String word : new String[]{header.engine().name(), header.layout(),
        q == null ? header.blocks().name() : header.type().name(), header.order().name(),
        q == null ? BLOCKS : q.granularity().name()}) {
      byte[] text = word.getBytes(StandardCharsets.US_ASCII);
      out.writeByte(text.length);
      out.write(text);
    }
    out.writeInt(header.k());
    out.writeInt(header.n());
    if (q == null) {
      return bytes.toByteArray();
    }
    out.writeInt(q.granularity() == Quantization.Granularity.PER_TENSOR ? 0 : q.axis());
    out.writeInt(q.granularity() == Quantization.Granularity.PER_GROUP ? q.groupSize() : 0);
    out.writeInt(q.count());
    for (int i = 0; i < q.count(); i++) {
      out.writeFloat(q.scale(i));
    }
    for (int i = 0; i < q.count(); i++) {
      out.writeInt(q.zeroPoint(i));
    }
    return bytes.toByteArray();
  }

  private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** At most 2^30 bytes, as a buffer. */
  private static ByteBuffer part(MemorySegment segment, long at) {
    return segment.asSlice(at, Math.min(1 << 30, segment.byteSize() - at)).asByteBuffer();
  }

  /** Of everything but itself. */
  private static long checksum(MemorySegment head, MemorySegment content) {
    CRC32C crc = new CRC32C();
    crc.update(head.asSlice(0, PREFIX - 8).asByteBuffer());
    crc.update(head.asSlice(PREFIX).asByteBuffer());
    for (long at = 0; at < content.byteSize(); at += 1 << 30) {
      crc.update(part(content, at));
    }
    return crc.getValue();
  }

  /**
   * Maps a file read-only, after all of it was read once and held to its checksum.
   *
   * @param path the file
   * @return header and content
   * @throws IllegalArgumentException if it is no such file, of another version, or damaged
   * @throws UncheckedIOException if it cannot be read
   */
  public static Opened map(Path path) {
    return open(path,
        (channel, arena) -> channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
  }

  /**
   * Copies a file to memory and holds it to its checksum; what becomes of the file after that does not
   * matter.
   *
   * @param path the file
   * @return header and content
   * @throws IllegalArgumentException if it is no such file, of another version, or damaged
   * @throws UncheckedIOException if it cannot be read
   */
  public static Opened load(Path path) {
    return open(path, PackFile::copy);
  }

  private static MemorySegment copy(FileChannel channel, Arena arena) throws IOException {
    // A file of another kind is refused by its first bytes, however large it is.
    ByteBuffer first = ByteBuffer.allocate(Long.BYTES);
    boolean ours = channel.read(first, 0) == Long.BYTES && first.getLong(0) == MAGIC;
    long bytes = ours ? channel.size() : Math.min(channel.size(), PREFIX);
    MemorySegment file = arena.allocate(bytes, PAGE);
    for (long at = 0; at < bytes;) {
      int read = channel.read(part(file, at), at);
      if (read < 0) {
        throw new EOFException("the file shrank from " + bytes + " to " + at + " bytes while it was read");
      }
      at += read;
    }
    return file;
  }

  /** How the bytes of a file get into memory. */
  @FunctionalInterface
  private interface Reader {
    MemorySegment read(FileChannel channel, Arena arena) throws IOException;
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by whoever holds the weights last
  private static Opened open(Path path, Reader reader) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return check(path, reader.read(channel, arena), arena);
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("packed weights: cannot read " + path, e);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static Opened check(Path path, MemorySegment file, Arena arena) {
    if (file.byteSize() < PREFIX) {
      throw refused(path, "it has " + file.byteSize() + " bytes, no header");
    }
    ByteBuffer prefix = file.asSlice(0, PREFIX).asByteBuffer();
    if (prefix.getLong() != MAGIC) {
      throw refused(path, "it does not begin with OCTETPAK");
    }
    int version = prefix.getInt();
    if (version != VERSION) {
      throw refused(path, "it has version " + version + ", this release of Octet reads " + VERSION
          + "; pack the weights again");
    }
    long headerBytes = prefix.getInt();
    long contentBytes = prefix.getLong();
    if (headerBytes < PREFIX || headerBytes % PAGE != 0 || contentBytes < 0
        || file.byteSize() - headerBytes != contentBytes) {
      throw refused(path, "it has " + file.byteSize() + " bytes, its header says " + headerBytes + " + "
          + contentBytes);
    }
    MemorySegment content = file.asSlice(headerBytes);
    if (prefix.getLong() != checksum(file.asSlice(0, headerBytes), content)) {
      throw refused(path, "its checksum does not fit: it is damaged");
    }
    try {
      return new Opened(header(file.asSlice(PREFIX, headerBytes - PREFIX).asByteBuffer()), content, arena);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      IllegalArgumentException refusal = refused(path, "its header makes no sense");
      refusal.initCause(e);
      throw refusal;
    }
  }

  private static Header header(ByteBuffer in) {
    Engine engine = Engine.valueOf(word(in));
    String layout = word(in);
    String type = word(in);
    WeightLayout order = WeightLayout.valueOf(word(in));
    String granularity = word(in);
    int k = in.getInt();
    int n = in.getInt();
    if (granularity.equals(BLOCKS)) {
      BlockFormat format = BlockFormat.valueOf(type);
      BlockWeights.check(format, k, n);
      if (order != WeightLayout.OUT_IN) {
        throw new IllegalArgumentException("blocks in order " + order);
      }
      return new Header(engine, layout, format, null, order, k, n, null);
    }
    return header(in, engine, layout, DataType.valueOf(type), order,
        Quantization.Granularity.valueOf(granularity), k, n);
  }

  private static Header header(ByteBuffer in, Engine engine, String layout, DataType type, WeightLayout order,
      Quantization.Granularity granularity, int k, int n) {
    int axis = in.getInt();
    int groupSize = in.getInt();
    int count = in.getInt();
    if (k < 1 || n < 1 || count < 1 || count > in.remaining() / 8) {
      throw new IllegalArgumentException(k + " x " + n + " weights with " + count + " scales");
    }
    float[] scales = new float[count];
    int[] zeroPoints = new int[count];
    in.asFloatBuffer().get(scales);
    in.position(in.position() + 4 * count).asIntBuffer().get(zeroPoints);
    Quantization quantization = switch (granularity) {
      case PER_TENSOR -> Quantization.perTensor(scales[0], zeroPoints[0]);
      case PER_CHANNEL -> Quantization.perChannel(axis, scales, zeroPoints);
      case PER_GROUP -> Quantization.perGroup(axis, groupSize, scales, zeroPoints);
    };
    MatrixWeights.check(type, quantization, order, k, n);
    return new Header(engine, layout, null, type, order, k, n, quantization);
  }

  private static String word(ByteBuffer in) {
    byte[] text = new byte[in.get() & 0xff];
    in.get(text);
    return new String(text, StandardCharsets.US_ASCII);
  }

  private static IllegalArgumentException refused(Path path, String why) {
    return new IllegalArgumentException("packed weights: " + path + " is refused: " + why);
  }
}

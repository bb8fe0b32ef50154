package dev.octet.cli;

import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.quantize.file.MalformedFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Arrays as NumPy saves them: {@code .npy}, in C order, little-endian. */
final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  /** Magic, version, and the length of the header. */
  private static final int PREFIX = 10;
  private static final int ALIGNMENT = 64;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\s]*)\\)");

  private Npy() {}

  /**
   * Reads a file.
   *
   * @throws MalformedFileException if it is no such file, or holds what no model here takes
   */
  static Tensor read(Path path) {
    byte[] file;
    try {
      file = Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
    }
    if (file.length < PREFIX || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new MalformedFileException(path + ": expected an array that NumPy saved (.npy)");
    }
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    boolean wide = file[MAGIC.length] > 1;
    long length = wide && file.length >= PREFIX + 2
        ? bytes.getInt(PREFIX - 2) & 0xffff_ffffL
        : bytes.getShort(PREFIX - 2) & 0xffff;
    int start = wide ? PREFIX + 2 : PREFIX;
    if (length > file.length - start) {
      throw new MalformedFileException(
          path + ": expected a header of " + length + " bytes, the file has " + file.length);
    }
    String header = new String(file, start, (int) length, StandardCharsets.UTF_8);
    ElementType type = type(path, find(path, TYPE, header));
    if (find(path, ORDER, header).equals("True")) {
      throw new MalformedFileException(path + ": expected an array in C order; save numpy.ascontiguousarray");
    }
    Shape shape = shape(path, find(path, SHAPE, header));
    MemorySegment data = MemorySegment.ofArray(file).asSlice(start + length);
    if (shape.elements() > data.byteSize() / type.bytes()
        || data.byteSize() != shape.elements() * type.bytes()) {
      throw new MalformedFileException(
          path + ": expected the elements of " + type + " " + shape + ", got " + data.byteSize() + " bytes");
    }
    return Tensor.of(type, shape, data);
  }

  private static String find(Path path, Pattern pattern, String header) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new MalformedFileException(path + ": expected " + pattern.pattern() + " in the header");
    }
    return matcher.group(1);
  }

  private static ElementType type(Path path, String name) {
    return switch (name) {
      case "<f4" -> ElementType.F32;
      case "<i8" -> ElementType.I64;
      case "<i4" -> ElementType.I32;
      case "|i1" -> ElementType.I8;
      case "|u1" -> ElementType.U8;
      case "|b1" -> ElementType.BOOL;
      default -> throw new MalformedFileException(path
          + ": expected elements of type float32, int64, int32, int8, uint8 or bool, little-endian, got "
          + name);
    };
  }

  private static Shape shape(Path path, String dims) {
    try {
      return Shape
          .of(Pattern.compile(",").splitAsStream(dims).map(String::strip).filter(dim -> !dim.isEmpty())
              .mapToLong(Long::parseLong).toArray());
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(path + ": expected a shape, got (" + dims + ")", e);
    }
  }

  /** Writes a file. */
  static void write(Path path, Tensor tensor) {
    String dims = Arrays.stream(tensor.shape().toArray()).mapToObj(dim -> dim + ",")
        .collect(Collectors.joining(" "));
    String header = "{'descr': '" + name(tensor.type()) + "', 'fortran_order': False, 'shape': (" + dims
        + "), }";
    int padding = ALIGNMENT - (PREFIX + header.length() + 1) % ALIGNMENT;
    byte[] text = (header + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(MAGIC);
    out.write(1);
    out.write(0);
    out.write(text.length);
    out.write(text.length >>> 8);
    out.writeBytes(text);
    out.writeBytes(tensor.data().toArray(ValueLayout.JAVA_BYTE));
    try {
      Files.write(path, out.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
    }
  }

  private static String name(ElementType type) {
    return switch (type) {
      case F32 -> "<f4";
      case I64 -> "<i8";
      case I32 -> "<i4";
      case I8 -> "|i1";
      case U8 -> "|u1";
      case BOOL -> "|b1";
      case OTHER -> throw new IllegalArgumentException(type.name());
    };
  }
}

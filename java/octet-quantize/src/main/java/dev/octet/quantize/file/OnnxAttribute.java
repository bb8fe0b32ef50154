package dev.octet.quantize.file;

import dev.octet.Shape;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An AttributeProto. Tensors, graphs and strings stay where they are in the file. */
final class OnnxAttribute {
  private static final int PACKED_LONG = 8;

  String name = "";
  /** An attribute of the function around the node that gives the value; empty where it is here. */
  String reference = "";
  /** An integer; null where it holds none. */
  Long integer;
  private float real;
  private MemorySegment string;
  /** A graph, or null. */
  ProtoMessage graph;
  private final List<ProtoMessage> tensors = new ArrayList<>();
  private final List<ProtoMessage> sparse = new ArrayList<>();
  private final List<MemorySegment> strings = new ArrayList<>();
  /** Floats by their bits. */
  private long[] numbers = new long[0];
  private int count;

  OnnxAttribute(ProtoMessage message) {
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.text();
        case 2 -> real = Float.intBitsToFloat((int) message.number());
        case 3 -> integer = message.number();
        case 4 -> string = message.bytes();
        case 5, 10 -> tensors.add(message.message());
        case 6 -> graph = message.message();
        case 7, 8 -> numbers(message);
        case 9 -> strings.add(message.bytes());
        case 21 -> reference = message.text();
        case 22, 23 -> sparse.add(message.message());
        default -> {
          // its type, documentation, types of values
        }
      }
    }
  }

  private void numbers(ProtoMessage message) {
    if (message.wireType() != ProtoMessage.BYTES) {
      add(message.number());
      return;
    }
    boolean floats = message.field() == 7;
    ProtoMessage packed = message.message();
    while (!packed.atEnd()) {
      add(floats ? packed.fixed32() : packed.varint());
    }
  }

  private void add(long number) {
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(PACKED_LONG, 2 * count));
    }
    numbers[count++] = number;
  }

  /** A list of integers, each as the nearest int; empty where there is none. */
  List<Integer> ints() {
    return Arrays.stream(numbers, 0, count)
        .mapToObj(number -> Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE)).toList();
  }

  /** Whether it holds tensors, dense or sparse. */
  boolean hasTensors() {
    return !tensors.isEmpty() || !sparse.isEmpty();
  }

  /** The tensors that it holds; the first one has the name, others a number after it. */
  List<OnnxTensor.Constant> tensors(String as, ExternalData files) {
    List<OnnxTensor.Constant> all = new ArrayList<>();
    for (ProtoMessage tensor : tensors) {
      all.add(OnnxTensor.read(tensor, numbered(as, all.size()), files));
    }
    for (ProtoMessage tensor : sparse) {
      all.addAll(OnnxSparse.read(tensor, numbered(as, all.size()), files));
    }
    return all;
  }

  private static String numbered(String as, int before) {
    return before == 0 ? as : as + "_" + before;
  }

  /** What a Constant node with this attribute is, under a name. */
  List<OnnxTensor.Constant> constants(String as, ExternalData files) {
    return switch (name) {
      case "value", "sparse_value" -> tensors(as, files);
      case "value_int" -> List.of(longs(as, Shape.of(), new long[]{integer == null ? 0 : integer}));
      case "value_ints" -> List.of(longs(as, Shape.of(count), Arrays.copyOf(numbers, count)));
      case "value_float" -> List.of(floats(as, Shape.of(), new long[]{Float.floatToRawIntBits(real)}));
      case "value_floats" -> List.of(floats(as, Shape.of(count), Arrays.copyOf(numbers, count)));
      case "value_string" -> List.of(strings(as, string == null
          ? List.of(MemorySegment.ofArray(new byte[0]))
          : List.of(string)));
      case "value_strings" -> List.of(strings(as, strings));
      default -> List.of();
    };
  }

  private static OnnxTensor.Constant longs(String as, Shape shape, long[] values) {
    byte[] bytes = new byte[8 * values.length];
    little(bytes).asLongBuffer().put(values);
    return OnnxTensor.Constant
        .of(new StoredTensor(as, StoredType.I64, shape, MemorySegment.ofArray(bytes)));
  }

  private static OnnxTensor.Constant floats(String as, Shape shape, long[] bits) {
    byte[] bytes = new byte[4 * bits.length];
    ByteBuffer buffer = little(bytes);
    for (long value : bits) {
      buffer.putInt((int) value);
    }
    return OnnxTensor.Constant
        .of(new StoredTensor(as, StoredType.F32, shape, MemorySegment.ofArray(bytes)));
  }

  /** As {@link OnnxTensor} has them: each after its length in four bytes. */
  private static OnnxTensor.Constant strings(String as, List<MemorySegment> texts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (MemorySegment text : texts) {
      byte[] length = new byte[4];
      little(length).putInt((int) text.byteSize());
      bytes.writeBytes(length);
      bytes.writeBytes(text.toArray(ValueLayout.JAVA_BYTE));
    }
    return OnnxTensor.Constant.bytes(as, MemorySegment.ofArray(bytes.toByteArray()), "STRING");
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}

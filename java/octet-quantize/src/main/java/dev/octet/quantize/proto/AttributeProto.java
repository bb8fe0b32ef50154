package dev.octet.quantize.proto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An AttributeProto. Tensors, graphs and strings stay where they are in the file. */
public final class AttributeProto {
  private static final int FEW = 8;

  private String name = "";
  private String reference = "";
  private Long integer;
  private Float real;
  private MemorySegment string;
  private ProtoMessage graph;
  private boolean hasGraphs;
  private final List<ProtoMessage> tensors = new ArrayList<>();
  private final List<ProtoMessage> sparse = new ArrayList<>();
  private final List<MemorySegment> strings = new ArrayList<>();
  /** Floats by their bits. */
  private long[] numbers = new long[0];
  private int count;
  private boolean floats;

  AttributeProto(ProtoMessage message) {
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
        case 11 -> hasGraphs = true;
        case 21 -> reference = message.text();
        case 22, 23 -> sparse.add(message.message());
        default -> {
          // its type, documentation, types of values
        }
      }
    }
  }

  private void numbers(ProtoMessage message) {
    floats = message.field() == 7;
    if (message.wireType() != ProtoMessage.BYTES) {
      add(message.number());
      return;
    }
    ProtoMessage packed = message.message();
    while (!packed.atEnd()) {
      add(floats ? packed.fixed32() : packed.varint());
    }
  }

  private void add(long number) {
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(FEW, 2 * count));
    }
    numbers[count++] = number;
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** An attribute of the function around the node that gives the value; empty where it is here. */
  public String reference() {
    return reference;
  }

  /** An integer; null where it holds none. */
  public Long integer() {
    return integer;
  }

  /** A float; null where it holds none. */
  public Float real() {
    return real;
  }

  /** A string; null where it holds none. */
  public String text() {
    return string == null
        ? null
        : new String(string.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** The bytes of a string; none where it holds none. */
  public MemorySegment string() {
    return string == null ? MemorySegment.ofArray(new byte[0]) : string;
  }

  /** The bytes of a list of strings. */
  public List<MemorySegment> strings() {
    return strings;
  }

  /** A list of integers; empty where it holds none. */
  public long[] integers() {
    return floats ? new long[0] : Arrays.copyOf(numbers, count);
  }

  /** A list of floats; empty where it holds none. */
  public float[] floats() {
    float[] result = new float[floats ? count : 0];
    for (int i = 0; i < result.length; i++) {
      result[i] = Float.intBitsToFloat((int) numbers[i]);
    }
    return result;
  }

  /** Whether it holds tensors, dense or sparse. */
  public boolean hasTensors() {
    return !tensors.isEmpty() || !sparse.isEmpty();
  }

  /** Whether it holds a graph, or graphs. */
  public boolean hasGraph() {
    return graph != null || hasGraphs;
  }

  /** The one graph that it holds; null where it holds none. */
  public GraphProto graph(ExternalData files) {
    return graph == null ? null : new GraphProto(graph.again(), files);
  }

  /**
   * The dense tensors that it holds; the first one has the name, others a number after it.
   *
   * @param as the name
   * @param files where external data lie
   */
  public List<TensorProto> tensors(String as, ExternalData files) {
    List<TensorProto> all = new ArrayList<>();
    for (ProtoMessage tensor : tensors) {
      all.add(TensorProto.read(tensor.again(), numbered(as, all.size()), files));
    }
    return all;
  }

  /**
   * The sparse tensors that it holds.
   *
   * @param as the name, with a number after it where there are tensors before
   * @param files where external data lie
   * @param before how many tensors have the name already; a sparse one counts as three
   */
  public List<SparseTensorProto> sparseTensors(String as, ExternalData files, int before) {
    List<SparseTensorProto> all = new ArrayList<>();
    for (ProtoMessage tensor : sparse) {
      all.add(SparseTensorProto.read(tensor.again(), numbered(as, before + 3 * all.size()), files));
    }
    return all;
  }

  private static String numbered(String as, int before) {
    return before == 0 ? as : as + "_" + before;
  }
}

package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Integers of 4 or 8 bits in words of 32, with a scale and a zero point for each group of inputs. */
final class PackedIntegers extends ForeignTensor {
  private static final int WORD = 32;
  /** Of a dimension: as many integers as there may be are an int. */
  private static final long MOST = 1L << 28;

  /** Codes by output feature and input, or the other way around. */
  private final PackedWords codes;
  private final boolean outputsFirst;
  private final StoredTensor scales;
  /** Null where all are the same. */
  private final PackedWords zeros;
  private final int zero;
  /** Of each input; null where they are in order. */
  private final int[] groups;
  private final int outputs;
  private final int inputs;
  private final int groupCount;

  /**
   * Integers of one layer.
   *
   * @param scales by the same axes as the codes
   * @param zeros by the same axes, or null
   * @param zero is added to zeros, or all that there is
   */
  private PackedIntegers(Parts parts, Shape shape, PackedWords codes, boolean outputsFirst,
      StoredTensor scales, PackedWords zeros, int zero, StoredTensor groups) {
    super(parts, shape);
    this.codes = codes;
    this.outputsFirst = outputsFirst;
    this.scales = scales;
    this.zeros = zeros;
    this.zero = zero;
    this.outputs = shape.intDim(0);
    this.inputs = shape.intDim(1);
    this.groupCount = scales.shape().intDim(outputsFirst ? 1 : 0);
    if (!scales.type().isFloat()) {
      throw parts.malformed("expected scales of floats, got " + scales);
    }
    if (inputs % groupCount != 0) {
      throw parts.malformed("expected groups of the same size for " + inputs + " inputs, got " + scales);
    }
    this.groups = groups == null ? null : order(parts, groups);
  }

  static PackedIntegers gptq(Parts parts, int zero) {
    StoredTensor codes = matrix(parts, ".qweight");
    StoredTensor zeros = matrix(parts, ".qzeros");
    StoredTensor scales = matrix(parts, ".scales");
    long outputs = codes.shape().dim(1);
    int bits = bits(parts, zeros, zeros.shape().dim(1), outputs);
    Shape shape = Shape.of(outputs, codes.shape().dim(0) * WORD / bits);
    requireGroups(parts, scales, zeros, outputs, bits);
    return new PackedIntegers(parts, shape, PackedWords.inOrder(codes, bits, 0), false, scales,
        PackedWords.inOrder(zeros, bits, 1), zero, parts.get(".g_idx"));
  }

  static PackedIntegers awq(Parts parts) {
    StoredTensor codes = matrix(parts, ".qweight");
    StoredTensor zeros = matrix(parts, ".qzeros");
    StoredTensor scales = matrix(parts, ".scales");
    long outputs = scales.shape().dim(1);
    int bits = bits(parts, codes, codes.shape().dim(1), outputs);
    requireGroups(parts, scales, zeros, outputs, bits);
    return new PackedIntegers(parts, Shape.of(outputs, codes.shape().dim(0)),
        PackedWords.interleaved(codes, bits), false, scales, PackedWords.interleaved(zeros, bits), 0, null);
  }

  static PackedIntegers packQuantized(Parts parts) {
    StoredTensor codes = matrix(parts, ".weight_packed");
    StoredTensor scales = matrix(parts, ".weight_scale");
    StoredTensor said = parts.require(".weight_shape");
    parts.requireShape(said, Shape.of(2));
    long outputs = said.integer(0);
    long inputs = said.integer(1);
    if (outputs < 1 || outputs > MOST || inputs < 1 || inputs > MOST) {
      throw parts.malformed("expected a shape of 1 to " + MOST + ", got [" + outputs + ", " + inputs + "]");
    }
    int bits = codes.shape().dim(1) == words(inputs, 4) ? 4 : 8;
    parts.requireShape(codes, Shape.of(outputs, words(inputs, bits)));
    parts.requireShape(scales, Shape.of(outputs, scales.shape().dim(1)));
    StoredTensor zeros = parts.get(".weight_zero_point");
    if (zeros != null) {
      parts.requireShape(zeros, Shape.of(words(outputs, bits), scales.shape().dim(1)));
    }
    return new PackedIntegers(parts, Shape.of(outputs, inputs), PackedWords.inOrder(codes, bits, 1), true,
        scales, zeros == null ? null : PackedWords.inOrder(zeros, bits, 0),
        zeros == null ? 1 << (bits - 1) : 0,
        groups(parts));
  }

  /** -1 is written where groups are in order. */
  private static StoredTensor groups(Parts parts) {
    StoredTensor groups = parts.get(".weight_g_idx");
    return groups != null && groups.shape().elements() > 0 && groups.integer(0) == -1 ? null : groups;
  }

  private static long words(long integers, int bits) {
    return (integers + WORD / bits - 1) / (WORD / bits);
  }

  private static StoredTensor matrix(Parts parts, String ending) {
    StoredTensor tensor = parts.require(ending);
    parts.requireRank(tensor, 2);
    for (long dim : tensor.shape().toArray()) {
      if (dim < 1 || dim > MOST) {
        throw parts.malformed("expected dimensions of 1 to " + MOST + ", got " + tensor);
      }
    }
    return tensor;
  }

  /** The width of integers that are packed into words along an axis. */
  private static int bits(Parts parts, StoredTensor packed, long words, long integers) {
    for (int bits : new int[]{4, 8}) {
      if (integers > 0 && integers % (WORD / bits) == 0 && words == integers / (WORD / bits)) {
        return bits;
      }
    }
    throw parts.unsupported("integers of 4 and 8 bits are read, " + packed + " has neither for " + integers
        + " outputs");
  }

  private static void requireGroups(Parts parts, StoredTensor scales, StoredTensor zeros, long outputs,
      int bits) {
    parts.requireShape(scales, Shape.of(scales.shape().dim(0), outputs));
    parts.requireShape(zeros, Shape.of(scales.shape().dim(0), words(outputs, bits)));
  }

  /** The groups of inputs, or null where they are in order. */
  private int[] order(Parts parts, StoredTensor groups) {
    parts.requireShape(groups, Shape.of(inputs));
    int[] order = groups.ints();
    boolean inOrder = true;
    for (int i = 0; i < inputs; i++) {
      if (order[i] < 0 || order[i] >= groupCount) {
        throw parts.malformed("expected groups of 0 to " + (groupCount - 1) + ", got " + groups.name() + "["
            + i + "] = " + order[i]);
      }
      inOrder &= order[i] == i / (inputs / groupCount);
    }
    return inOrder ? null : order;
  }

  private int code(int output, int input) {
    return outputsFirst ? codes.at(output, input) : codes.at(input, output);
  }

  private int zero(int output, int group) {
    return zero + (zeros == null ? 0 : outputsFirst ? zeros.at(output, group) : zeros.at(group, output));
  }

  private float[] scales(int output) {
    float[] its = new float[groupCount];
    for (int group = 0; group < groupCount; group++) {
      scales.floats(outputsFirst ? (long) output * groupCount + group : (long) group * outputs + output, its,
          group, 1);
    }
    return its;
  }

  @Override
  void fill(long row, float[] dst) {
    int output = (int) row;
    float[] its = scales(output);
    for (int input = 0; input < inputs; input++) {
      int group = groups == null ? input / (inputs / groupCount) : groups[input];
      dst[input] = (code(output, input) - zero(output, group)) * its[group];
    }
  }

  @Override
  QTensor toIntegers() {
    if (groups != null) {
      throw unsupported("groups of inputs are not in order (act-order), so that Octet has no integers for"
          + " them; read rows of floats");
    }
    float[] allScales = new float[Math.multiplyExact(outputs, groupCount)];
    int[] allZeros = new int[allScales.length];
    for (int output = 0; output < outputs; output++) {
      System.arraycopy(scales(output), 0, allScales, output * groupCount, groupCount);
      for (int group = 0; group < groupCount; group++) {
        allZeros[output * groupCount + group] = zero(output, group);
      }
    }
    // Products take groups of signed integers, or of 4 bits.
    boolean signed = codes.bits() == 8 && groupCount > 1 && IntStream.of(allZeros).allMatch(z -> z == 128);
    DataType type = signed ? DataType.S8 : codes.bits() == 8 ? DataType.U8 : DataType.U4;
    if (signed) {
      Arrays.fill(allZeros, 0);
    }
    try {
      Quantization quantization = groupCount == 1
          ? Quantization.perChannel(0, allScales, allZeros)
          : Quantization.perGroup(1, inputs / groupCount, allScales, allZeros);
      return QTensor.of(type, shape(), quantization, bytes(type));
    } catch (IllegalArgumentException e) {
      throw new UnsupportedOperationException(this + ": " + e.getMessage() + "; read rows of floats", e);
    }
  }

  /** Those of the file where rows of words are rows of ours. */
  private MemorySegment bytes(DataType type) {
    if (type != DataType.S8 && outputsFirst && inputs % (WORD / codes.bits()) == 0) {
      return codes.words().data();
    }
    byte[] bytes = new byte[Math.toIntExact(type.bytes(shape().elements()))];
    long at = 0;
    for (int output = 0; output < outputs; output++) {
      for (int input = 0; input < inputs; input++, at++) {
        if (type == DataType.U8) {
          bytes[(int) at] = (byte) code(output, input);
        } else if (type == DataType.S8) {
          bytes[(int) at] = (byte) (code(output, input) - 128);
        } else {
          bytes[(int) (at / 2)] |= (byte) (code(output, input) << (at % 2 * 4));
        }
      }
    }
    return MemorySegment.ofArray(bytes);
  }
}

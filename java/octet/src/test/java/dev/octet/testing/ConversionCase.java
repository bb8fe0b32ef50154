package dev.octet.testing;

import static dev.octet.DataType.F32;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.op.Dequantize;
import dev.octet.op.Quantize;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;

/** A quantize or a dequantize: type, shape, parameters and data. */
final class ConversionCase implements OpCase {
  /** Which way. */
  enum Direction {
    /** From real numbers to integers. */
    QUANTIZE,
    /** From integers to real numbers. */
    DEQUANTIZE
  }

  /** What decides whether an engine offers it. */
  private record Sort(DataType type, Granularity granularity) {}

  final Direction direction;
  final Quantization quantization;
  /** The operand: F32 to be quantized, or of {@link #type} to be dequantized. */
  final Tensor x;
  final DataType type;

  ConversionCase(Direction direction, DataType type, Quantization quantization, Tensor x) {
    this.direction = direction;
    this.type = type;
    this.quantization = quantization;
    this.x = x;
  }

  static Set<Feature> needs(Direction direction, DataType type, Granularity granularity) {
    return EnumSet.of(Feature.valueOf(direction + "_" + type),
        Feature.valueOf(direction + "_" + granularity));
  }

  static ConversionCase random(Dice dice, EngineProfile profile, Direction direction, IntSupplier size) {
    Sort sort = dice.until(any -> profile.offers(needs(direction, any.type(), any.granularity())),
        () -> new Sort(dice.pick(DataType.U8, DataType.S8, DataType.U4, DataType.S4),
            dice.pick(Granularity.values())));
    DataType type = sort.type();
    Granularity granularity = sort.granularity();
    // One long axis: the product of the others stays small.
    int rank = dice.between(1, 4);
    long[] dims = new long[rank];
    int longest = dice.between(0, rank - 1);
    for (int a = 0; a < rank; a++) {
      dims[a] = a == longest ? size.getAsInt() : rank == 2 ? size.getAsInt() : dice.between(1, 6);
    }
    Shape shape = Shape.of(dims);
    Quantization quantization = quantization(dice, type, granularity, shape,
        direction == Direction.DEQUANTIZE);
    Tensor x = Tensor.zeros(direction == Direction.QUANTIZE ? F32 : type, dims);
    if (direction == Direction.DEQUANTIZE) {
      dice.fill(x);
    } else {
      fillAround(dice, x, type, quantization);
    }
    return new ConversionCase(direction, type, quantization, x);
  }

  private static Quantization quantization(Dice dice, DataType type, Granularity granularity, Shape shape,
      boolean ofWeights) {
    int axis = dice.between(0, shape.rank() - 1);
    int group = dice.size((int) shape.dim(axis));
    long count = 1;
    if (granularity == Granularity.PER_CHANNEL) {
      count = shape.dim(axis);
    } else if (granularity == Granularity.PER_GROUP) {
      count = shape.elements() / shape.dim(axis) * Math.ceilDiv(shape.dim(axis), group);
    }
    float[] scales = new float[(int) count];
    int[] zeroPoints = new int[(int) count];
    for (int i = 0; i < count; i++) {
      scales[i] = dice.scale();
      zeroPoints[i] = granularity == Granularity.PER_GROUP
          ? dice.groupZeroPoint(type)
          : dice.zeroPoint(type);
    }
    if (ofWeights) {
      dice.prune(scales);
      if (granularity == Granularity.PER_GROUP) {
        dice.negate(scales);
      }
    }
    return switch (granularity) {
      case PER_TENSOR -> Quantization.perTensor(scales[0], zeroPoints[0]);
      case PER_CHANNEL -> Quantization.perChannel(axis, scales, zeroPoints);
      case PER_GROUP -> Quantization.perGroup(axis, group, scales, zeroPoints);
    };
  }

  /** Reals within and somewhat beyond the range of the integers, many of them exactly between two. */
  private static void fillAround(Dice dice, Tensor x, DataType type, Quantization quantization) {
    int reach = (type.max() - type.min()) * 5 / 4;
    boolean special = dice.oneIn(8);
    for (long i = 0; i < x.elements(); i++) {
      float scale = quantization.scale(quantization.parameterIndex(x.shape(), i));
      float steps = dice.oneIn(3)
          ? dice.between(-2 * reach, 2 * reach) * 0.5f
          : dice.between(-reach, (float) reach);
      x.set(i, special && dice.oneIn(8) ? dice.special() : steps * scale);
    }
  }

  /**
   * Brings what is more than 2^30 steps from 0, infinities too, to 2^30 steps, and NaN to 0; for a judge that
   * converts through 32-bit integers and wraps where the law saturates.
   */
  ConversionCase withoutSpecial() {
    for (long i = 0; i < x.elements(); i++) {
      float limit = 0x1p30f * quantization.scale(quantization.parameterIndex(x.shape(), i));
      if (Float.isNaN(x.real(i))) {
        x.set(i, 0f);
      } else if (Math.abs(x.real(i)) > limit) {
        x.set(i, Math.copySign(limit, x.real(i)));
      }
    }
    return this;
  }

  /** The same with a zero point of 15 for one of 16, which no U4 of a file holds. */
  ConversionCase withStoredZeroPoints() {
    if (quantization.granularity() != Granularity.PER_GROUP) {
      return this;
    }
    int[] zeroPoints = quantization.zeroPoints();
    Arrays.setAll(zeroPoints, i -> Math.min(zeroPoints[i], type.max()));
    return new ConversionCase(direction, type, Quantization.perGroup(quantization.axis(),
        quantization.groupSize(), quantization.scales(), zeroPoints), x);
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    DataType to = direction == Direction.QUANTIZE ? type : F32;
    Tensor from = x.copyTo(memory);
    Tensor y = new Tensor(to, x.shape(), Operands.memory(memory, to.bytes(x.elements())));
    boolean flat = quantization.granularity() == Granularity.PER_TENSOR && x.shape().rank() == 1;
    if (direction == Direction.QUANTIZE) {
      try (Quantize op = subject.check(subject.octet().quantize().output(type, quantization).prepare())) {
        if (flat) {
          op.run(from.data(), y.data(), x.elements());
        } else {
          op.run(from.data(), y.data(), x.shape());
        }
      }
    } else {
      try (Dequantize op = subject.check(subject.octet().dequantize().input(type, quantization).prepare())) {
        if (flat) {
          op.run(from.data(), y.data(), x.elements());
        } else {
          op.run(from.data(), y.data(), x.shape());
        }
      }
    }
    return Map.of("y", y);
  }

  @Override
  public String describe() {
    return direction + " " + type + " " + x.shape() + " " + quantization;
  }

  @Override
  public String explain(String result, long index) {
    int parameter = quantization.parameterIndex(x.shape(), index);
    return "input " + x.show(index) + ", scale " + quantization.scale(parameter) + " zero point "
        + quantization.zeroPoint(parameter);
  }
}

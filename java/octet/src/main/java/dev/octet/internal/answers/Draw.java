package dev.octet.internal.answers;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.OutputSpec;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Weights and parameters of a fixed seed. */
final class Draw {
  /** Of an operand that has one. */
  static final float INPUT_SCALE = 0.02f;
  private static final float WEIGHT_SCALE = 0.01f;
  /** Of bytes of any value: their standard deviation. */
  private static final float SPREAD = 74;

  private final SplittableRandom random;

  Draw(long seed) {
    this.random = new SplittableRandom(seed);
  }

  byte[] bytes(long count) {
    byte[] bytes = new byte[Math.toIntExact(count)];
    random.nextBytes(bytes);
    return bytes;
  }

  float[] floats(int count, float most) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) random.nextDouble(-most, most);
    }
    return floats;
  }

  int[] integers(int count, int most) {
    int[] integers = new int[count];
    for (int i = 0; i < count; i++) {
      integers[i] = random.nextInt(-most, most + 1);
    }
    return integers;
  }

  /** Scales around that of weights. */
  float[] scales(int count) {
    float[] scales = new float[count];
    for (int i = 0; i < count; i++) {
      scales[i] = WEIGHT_SCALE * (float) random.nextDouble(0.5, 1.5);
    }
    return scales;
  }

  int[] zeroPoints(int count, DataType type) {
    int[] zeroPoints = new int[count];
    for (int i = 0; i < count; i++) {
      zeroPoints[i] = random.nextInt(type.min(), type.max() + 1);
    }
    return zeroPoints;
  }

  /** Weights with a scale a channel. */
  QTensor weights(DataType type, Shape shape, int axis, boolean zeroPoints) {
    int channels = shape.intDim(axis);
    return QTensor.of(type, shape, zeroPoints
        ? Quantization.perChannel(axis, scales(channels), zeroPoints(channels, type))
        : Quantization.perChannel(axis, scales(channels)), bytes(type.bytes(shape.elements())));
  }

  /** Weights in a block format: any bits whose scales are numbers of some size. */
  BlockTensor blocks(BlockFormat format, int n, int k) {
    byte[] blocks = new byte[n * (k / format.elements()) * format.bytes()];
    byte[] block = new byte[format.bytes()];
    BlockTensor its = BlockTensor.of(format, Shape.of(1, format.elements()), MemorySegment.ofArray(block));
    for (int at = 0; at < blocks.length; at += block.length) {
      do {
        random.nextBytes(block);
      } while (!(Math.abs(its.scale(0, 0)) < 16 && Math.abs(its.minimum(0, 0)) < 16));
      System.arraycopy(block, 0, blocks, at, block.length);
    }
    return BlockTensor.of(format, Shape.of(n, k), MemorySegment.ofArray(blocks));
  }

  /** An input of a type, with the least zero point or one beside the middle. */
  static ActivationSpec input(DataType type, boolean atRun, boolean least) {
    return atRun
        ? new ActivationSpec(type, true, 1, 0)
        : new ActivationSpec(type, false, INPUT_SCALE, type.min() + (least ? 0 : 131));
  }

  /** An output of sums of so many products, of which hardly one leaves the range of 8 bits. */
  static OutputSpec output(DataType type, int products, boolean clamped) {
    float width = INPUT_SCALE * WEIGHT_SCALE * SPREAD * SPREAD * (float) Math.sqrt(products);
    return switch (type) {
      case F32 -> new OutputSpec(type, 1, 0, 0, 0, clamped ? -width : Float.NEGATIVE_INFINITY,
          clamped ? 2 * width : Float.POSITIVE_INFINITY);
      case S32 -> new OutputSpec(type, 1, 0, 0, 0, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
      default -> new OutputSpec(type, width / 40, type.min() + 125, type.min() + (clamped ? 60 : 0),
          type.max() - (clamped ? 60 : 0), Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    };
  }

  /** Reals that count beside sums of so many products. */
  float[] bias(int count, int products) {
    return floats(count, INPUT_SCALE * WEIGHT_SCALE * SPREAD * SPREAD * (float) Math.sqrt(products));
  }

  /** Integers that count beside sums of so many products. */
  int[] integerBias(int count, int products) {
    return integers(count, (int) (SPREAD * SPREAD * Math.sqrt(products)));
  }
}

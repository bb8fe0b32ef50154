package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import java.util.function.IntSupplier;

/** Every op, and how to make a random case of it that an engine offers. */
enum TestedOp {
  MATMUL("MATMUL_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      MatMulCase.Kind kind = MatMulCase.Kind.random(dice, profile, S32, F32, U8, S8);
      MatMulCase c = MatMulCase.random(dice, kind, size.getAsInt(), size.getAsInt(), size.getAsInt());
      return (dice.oneIn(2) ? c.randomBias(dice) : c).randomClamp(dice).randomGaps(dice);
    }
  },
  DYNAMIC_MATMUL("DYNAMIC_MATMUL_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return FloatMatMulCase.random(dice,
          FloatMatMulCase.Kind.random(dice, profile, FloatMatMulCase.Arithmetic.DYNAMIC), size);
    }
  },
  BLOCK_MATMUL("BLOCK_MATMUL") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return BlockMatMulCase.random(dice, FloatMatMulCase.Arithmetic.DYNAMIC, size);
    }
  },
  WEIGHT_ONLY_MATMUL("WEIGHT_ONLY_MATMUL_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return FloatMatMulCase.random(dice,
          FloatMatMulCase.Kind.random(dice, profile, FloatMatMulCase.Arithmetic.WEIGHT_ONLY), size);
    }
  },
  BLOCK_WEIGHT_ONLY_MATMUL("BLOCK_WEIGHT_ONLY_MATMUL") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return BlockMatMulCase.random(dice, FloatMatMulCase.Arithmetic.WEIGHT_ONLY, size);
    }
  },
  BATCH_MATMUL("BATCH_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return BatchMatMulCase.random(dice, BatchMatMulCase.Kind.random(dice, profile, S32, F32, U8, S8), size);
    }
  },
  CONV2D("CONV_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return Conv2dCase.random(dice, Conv2dCase.Kind.random(dice, profile, S32, F32, U8, S8), size, 8)
          .randomExtras(dice);
    }
  },
  DYNAMIC_CONV2D("DYNAMIC_CONV_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return DynamicConv2dCase.random(dice, dice.pick(U8, S8), dice.pick(Conv2dCase.Connection.values()),
          dice.oneIn(2), size, 8).randomExtras(dice);
    }
  },
  CONV_TRANSPOSE2D("TRANSPOSED_CONV2D") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return ConvTranspose2dCase.random(dice, ConvolutionCase.Kind.random(dice, S32, F32, U8, S8), size, 8)
          .randomExtras(dice);
    }
  },
  CONV3D("CONV3D") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return Conv3dCase.random(dice, ConvolutionCase.Kind.random(dice, S32, F32, U8, S8), size, 5)
          .randomExtras(dice);
    }
  },
  QUANTIZE("QUANTIZE_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return ConversionCase.random(dice, profile, ConversionCase.Direction.QUANTIZE, size);
    }
  },
  DEQUANTIZE("DEQUANTIZE_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return ConversionCase.random(dice, profile, ConversionCase.Direction.DEQUANTIZE, size);
    }
  },
  DYNAMIC_QUANTIZE("DYNAMIC_QUANTIZE") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return DynamicQuantizeCase.random(dice, size);
    }
  },
  REQUANTIZE("REQUANTIZE") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return RequantizeCase.random(dice, size).randomExtras(dice);
    }
  },
  BINARY("BINARY") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return BinaryCase.random(dice, size).randomClamp(dice);
    }
  },
  LOOKUP("LOOKUP") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return LookupCase.random(dice, size, dice.oneIn(4));
    }
  },
  POOL("POOL_") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      PoolCase.Kind kind = dice.until(any -> profile.features().contains(Feature.valueOf("POOL_" + any)),
          () -> dice.pick(PoolCase.Kind.values()));
      return PoolCase.random(dice, kind, size, 10);
    }
  },
  CONCAT("CONCAT") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return ConcatCase.random(dice, size);
    }
  },
  TRANSPOSE_IMAGES("TRANSPOSE_IMAGES") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return TransposeCase.random(dice, size, 20);
    }
  },
  PAD("PAD") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return PadCase.random(dice, size, 10);
    }
  },
  RESIZE("RESIZE") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return ResizeCase.random(dice, size, 20);
    }
  },
  SOFTMAX("SOFTMAX") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return FloatRowsCase.random(dice, FloatRowsCase.Kind.SOFTMAX, size, dice.oneIn(5));
    }
  },
  LAYER_NORM("LAYER_NORM") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return FloatRowsCase.random(dice, FloatRowsCase.Kind.LAYER_NORM, size, dice.oneIn(5));
    }
  },
  SGEMM("SGEMM") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return SgemmCase.random(dice, size, dice.oneIn(5));
    }
  },
  GELU("GELU") {
    @Override
    OpCase random(Dice dice, EngineProfile profile, IntSupplier size) {
      return FloatRowsCase.random(dice,
          dice.pick(FloatRowsCase.Kind.GELU_ERF, FloatRowsCase.Kind.GELU_TANH), size, dice.oneIn(2));
    }
  };

  private final String features;

  TestedOp(String features) {
    this.features = features;
  }

  /**
   * A random case with everything that the op knows.
   *
   * @param dice makes the choices
   * @param profile what may be chosen
   * @param size gives each dimension in turn
   */
  abstract OpCase random(Dice dice, EngineProfile profile, IntSupplier size);

  /** Whether an engine offers anything of this op. */
  boolean offeredBy(EngineProfile profile) {
    return profile.features().stream().anyMatch(feature -> feature.name().startsWith(features));
  }
}

package dev.octet.internal.liboctet;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.HWOI;
import static dev.octet.WeightLayout.IOHW;
import static dev.octet.WeightLayout.ODHWI;
import static dev.octet.WeightLayout.OIDHW;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Conv3d;
import dev.octet.op.ConvTranspose2d;
import dev.octet.testing.Garbage;
import dev.octet.testing.ImageStreamsSuite;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Long calls of engine NATIVE, and those of ops that VECTOR has not. */
@EnabledIf("isHere")
class NativeStreamsTest extends ImageStreamsSuite {
  private static final Quantization WEIGHTS = Quantization.perTensor(0.01f, 3);
  private static final Quantization RESULTS = Quantization.perTensor(0.7f, 5);

  @Override
  protected Engine engine() {
    return Engine.NATIVE;
  }

  static boolean isHere() {
    return Cpu.get().failure() == null;
  }

  private static ConvTranspose2d transposed(Octet octet, MemorySegment weights, int groups) {
    // 40 input channels, 33 output channels of a group.
    Shape shape = groups == 1 ? Shape.of(40, 33, 3, 3) : Shape.of(3, 3, 33, 40);
    return octet.convTranspose2d().input(U8, Quantization.perTensor(0.02f, 9))
        .weights(QTensor.of(S8, shape, WEIGHTS, weights), groups == 1 ? IOHW : HWOI).groups(groups)
        .stride(2, 3).padding(1, 0, 2, 1).outputPadding(1, 2).output(S8, RESULTS).prepare();
  }

  private static Conv3d volumes(Octet octet, MemorySegment weights, int groups) {
    // Windows of 3 x 3 x 3 over 20 channels of a group.
    Shape shape = groups == 1 ? Shape.of(66, 20, 3, 3, 3) : Shape.of(66, 3, 3, 3, 20);
    return octet.conv3d().input(S8, Quantization.perTensor(0.02f, -100))
        .weights(QTensor.of(S8, shape, WEIGHTS, weights), groups == 1 ? OIDHW : ODHWI).groups(groups)
        .stride(1, 2, 1).dilation(2, 1, 1).padding(2, 1, 0, 1, 0, 3).output(U8, RESULTS).prepare();
  }

  /** Lines of every phase in one tile and in several, several images, groups. */
  @Test
  void transposedConvolutions() {
    for (int groups = 1; groups <= 2; groups++) {
      int some = groups;
      check((octet, operands) -> {
        try (ConvTranspose2d op = transposed(octet, operands.bytes(40 * 33 * 9), some)) {
          Shape y = op.outputShape(Shape.of(2, 23, 31, 40));
          op.run(operands.bytes(2 * 23 * 31 * 40), operands.result(y.elements()), 2, 23, 31);
        }
      });
    }
  }

  /** Frames of several tiles, and lines of a frame. */
  @Test
  void convolutionsOfVolumes() {
    for (int groups = 1; groups <= 2; groups++) {
      int channels = 20 * groups;
      int some = groups;
      check((octet, operands) -> {
        try (Conv3d op = volumes(octet, operands.bytes(66 * 27 * 20), some)) {
          Shape y = op.outputShape(Shape.of(2, 5, 18, 21, channels));
          op.run(operands.bytes(2L * 5 * 18 * 21 * channels), operands.result(y.elements()), 2, 5, 18, 21);
        }
      });
    }
  }

  @Test
  void convolutionsThatOnlyItHasAllocateNothing() {
    try (Octet octet = Octet.builder().engine(engine()).threads(1).open();
        Arena arena = Arena.ofConfined();
        ConvTranspose2d transposed = transposed(octet, arena.allocate(40 * 33 * 9), 1);
        Conv3d volumes = volumes(octet, arena.allocate(66 * 27 * 20), 1)) {
      MemorySegment x = arena.allocate(40_000);
      MemorySegment y = arena.allocate(400_000);
      MemorySegment heap = MemorySegment.ofArray(new byte[40_000]);
      Garbage.assertNone("convTranspose2d", () -> transposed.run(x, y, 1, 20, 20));
      Garbage.assertNone("convTranspose2d of heap memory", () -> transposed.run(heap, y, 1, 20, 20));
      Garbage.assertNone("conv3d", () -> volumes.run(x, y, 1, 5, 18, 20));
      Garbage.assertNone("conv3d of heap memory", () -> volumes.run(heap, y, 1, 5, 18, 20));
    }
  }
}

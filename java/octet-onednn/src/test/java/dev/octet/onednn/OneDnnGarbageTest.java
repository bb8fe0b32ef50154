package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import dev.octet.testing.Garbage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Warm runs of engine ONEDNN make no garbage: exact, fused and dynamic products, convolutions. */
class OneDnnGarbageTest {
  private static final Quantization X = Quantization.perTensor(0.02f, 7);
  private static final Quantization Y = Quantization.perTensor(0.1f, 120);

  private static QTensor weights(Shape shape) {
    return QTensor.of(DataType.S8, shape, Quantization.perTensor(0.01f), new byte[(int) shape.elements()]);
  }

  @Test
  void products() {
    try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(1).open();
        Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(4 * 5 * 48, 64);
      MemorySegment heap = MemorySegment.ofArray(new byte[5 * 48]);
      MemorySegment y = arena.allocate(4 * 5 * 33, 64);
      MemorySegment floats = arena.allocate(ValueLayout.JAVA_FLOAT, 5 * 48);
      QTensor w = weights(Shape.of(48, 33));
      MatMul.Builder product = octet.matMul().input(DataType.U8, X).weights(w, WeightLayout.IN_OUT)
          .output(DataType.U8, Y);
      try (var exact = product.prepare();
          var fused = product.allowInexactEpilogue().prepare();
          var dynamic = octet.dynamicMatMul().weights(w, WeightLayout.IN_OUT).prepare()) {
        Garbage.assertNone("exact", () -> exact.run(x, y, 5));
        Garbage.assertNone("exact from the heap", () -> exact.run(heap, y, 5));
        Garbage.assertNone("fused", () -> fused.run(x, y, 5));
        Garbage.assertNone("fused from the heap", () -> fused.run(heap, y, 5));
        Garbage.assertNone("dynamic", () -> dynamic.run(floats, y, 5));
      }
    }
  }

  @Test
  void convolutions() {
    try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(1).open();
        Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(9 * 9 * 32, 64);
      MemorySegment y = arena.allocate(9 * 9 * 32, 64);
      try (
          var dense = octet.conv2d().input(DataType.U8, X)
              .weights(weights(Shape.of(32, 3, 3, 32)), WeightLayout.OHWI).padding(1)
              .output(DataType.U8, Y).prepare();
          var depthwise = octet.conv2d().input(DataType.U8, X)
              .weights(weights(Shape.of(32, 3, 3, 1)), WeightLayout.OHWI).groups(32).padding(1)
              .output(DataType.U8, Y).prepare()) {
        Garbage.assertNone("conv2d", () -> dense.run(x, y, 1, 9, 9));
        Garbage.assertNone("depthwise conv2d", () -> depthwise.run(x, y, 1, 9, 9));
      }
    }
  }
}

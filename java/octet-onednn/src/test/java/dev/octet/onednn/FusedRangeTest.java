package dev.octet.onednn;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import dev.octet.op.MatMul;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * oneDNN's own epilogue with scales up to the ends of binary32: within 1 of the law, or exact where its order
 * of multiplications would leave the normal numbers.
 */
@ExtendWith(SplitAllowed.class)
class FusedRangeTest {
  private static final int[] EXPONENTS = {-120, -97, -96, -60, 0, 60, 96, 97, 120};
  private static final int ROWS = 4;
  private static final int K = 64;
  private static final int N = 32;

  /** A run of an op with three scales on an engine. */
  private interface Run {
    /** Fills y, and says whether the op was exact. */
    boolean run(Octet octet, Quantization x, Quantization w, Quantization y, MemorySegment result);
  }

  @Test
  void matMul() {
    byte[] weights = bytes(K * N);
    MemorySegment x = MemorySegment.ofArray(bytes(ROWS * K));
    check("matMul", (octet, sx, sw, sy, y) -> {
      try (MatMul op = octet.matMul().input(U8, sx)
          .weights(QTensor.of(S8, Shape.of(K, N), sw, weights), WeightLayout.IN_OUT).output(U8, sy)
          .allowInexactEpilogue().prepare()) {
        op.run(x, y, ROWS);
        return op.exact();
      }
    });
  }

  @Test
  void conv2d() {
    byte[] weights = bytes(N * 9 * K);
    MemorySegment x = MemorySegment.ofArray(bytes(ROWS * K));
    check("conv2d", (octet, sx, sw, sy, y) -> {
      try (Conv2d op = octet.conv2d().input(U8, sx)
          .weights(QTensor.of(S8, Shape.of(N, 3, 3, K), sw, weights), WeightLayout.OHWI).padding(1)
          .output(U8, sy).allowInexactEpilogue().prepare()) {
        op.run(x, y, 1, 2, ROWS / 2);
        return op.exact();
      }
    });
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  /** Whether a number is far enough from the ends of binary32. */
  private static boolean far(float scale) {
    return scale >= 0x1p-96f && scale <= 0x1p96f;
  }

  private static void check(String what, Run run) {
    int fused = 0;
    int tried = 0;
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        Octet onednn = Octet.builder().engine(Engine.ONEDNN).threads(1).open()) {
      for (int x : EXPONENTS) {
        for (int w : EXPONENTS) {
          // A sum of about 2^12 becomes about 64.
          int y = x + w + 6;
          if (Math.abs(x + w) > 120 || Math.abs(y) > 120) {
            continue; // refused: no normal product, or no normal scale
          }
          Quantization sx = Quantization.perTensor(Math.scalb(1.25f, x), 3);
          Quantization sw = Quantization.perTensor(Math.scalb(1.5f, w));
          Quantization sy = Quantization.perTensor(Math.scalb(1.75f, y), 100);
          byte[] law = new byte[ROWS * N];
          byte[] found = new byte[ROWS * N];
          assertTrue(run.run(scalar, sx, sw, sy, MemorySegment.ofArray(law)));
          boolean exact = run.run(onednn, sx, sw, sy, MemorySegment.ofArray(found));
          String text = what + " scales 2^" + x + " 2^" + w + " 2^" + y;
          float product = sx.scale(0) * sw.scale(0);
          boolean inRange = far(sx.scale(0)) && far(sw.scale(0)) && far(product) && far(sy.scale(0))
              && far(product / sy.scale(0));
          assertEquals(!inRange, exact, text);
          for (int i = 0; i < law.length; i++) {
            int difference = Math.abs((law[i] & 0xff) - (found[i] & 0xff));
            assertTrue(difference <= (exact ? 0 : 1),
                text + " element " + i + ": " + law[i] + ", " + found[i]);
          }
          tried++;
          fused += exact ? 0 : 1;
        }
      }
    }
    assertTrue(fused >= 9 && tried - fused >= 9, what + ": " + fused + " of " + tried + " fused");
  }
}

package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * oneDNN's own epilogue: within 1 of the law, said to be inexact, offered only where it can do what is asked.
 */
@ExtendWith(SplitAllowed.class)
class FusedMatMulTest {
  private static final long SEED = 20250104;
  private static final int[][] SIZES = {{1, 64, 64}, {5, 33, 17}, {64, 768, 70}, {130, 100, 256},
      {700, 3000, 20}};

  @Test
  void isWithinOne() {
    Random random = new Random(SEED);
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        Octet alone = Octet.builder().engine(Engine.ONEDNN).threads(1).open();
        Octet three = Octet.builder().engine(Engine.ONEDNN).threads(3).open()) {
      for (int[] size : SIZES) {
        for (int variant = 0; variant < 12; variant++) {
          check(scalar, variant % 2 == 0 ? alone : three, size, variant, random);
        }
      }
    }
  }

  private static void check(Octet scalar, Octet onednn, int[] size, int variant, Random random) {
    int rows = size[0];
    int k = size[1];
    int n = size[2];
    DataType input = random.nextBoolean() ? DataType.U8 : DataType.S8;
    DataType output = new DataType[]{DataType.U8, DataType.S8, DataType.F32}[variant % 3];
    boolean narrow = random.nextBoolean();
    byte[] w = new byte[k * n];
    random.nextBytes(w);
    for (int i = 0; narrow && i < w.length; i++) {
      w[i] = (byte) (w[i] / 2);
    }
    float[] scales = new float[n];
    for (int c = 0; c < n; c++) {
      scales[c] = 0.001f + 0.01f * random.nextFloat();
    }
    QTensor weights = QTensor.of(DataType.S8, Shape.of(k, n), Quantization.perChannel(1, scales), w);
    int zeroPoint = random.nextInt(3) == 0 ? 0 : random.nextInt(input.min(), input.max() + 1);
    float outScale = (float) (0.02 * 0.005 * 74 * 74 * Math.sqrt(k) / 60);
    int[] bias = random.ints(n, -2000, 2000).toArray();
    boolean biased = random.nextBoolean();
    boolean relu = random.nextBoolean();
    boolean gaps = random.nextInt(3) == 0;
    int xStride = gaps ? k + 3 : k;
    int yStride = gaps ? n + 5 : n;
    byte[] x = new byte[rows * xStride];
    random.nextBytes(x);
    byte[][] results = new byte[2][rows * yStride * output.bits() / 8];
    String text = "seed " + SEED + ": " + rows + "x" + k + "x" + n + " variant " + variant + " " + input
        + "S8_"
        + output + (relu ? " relu" : "") + (gaps ? " gaps" : "");
    for (Octet octet : new Octet[]{scalar, onednn}) {
      MatMul.Builder builder = octet.matMul().input(input, Quantization.perTensor(0.02f, zeroPoint))
          .weights(weights, WeightLayout.IN_OUT).allowInexactEpilogue();
      if (output == DataType.F32) {
        builder.outputF32();
      } else {
        builder.output(output, Quantization.perTensor(outScale, output == DataType.U8 ? 120 : -3));
      }
      if (relu) {
        builder.relu();
      }
      if (biased) {
        builder.bias(bias);
      }
      try (MatMul op = builder.prepare(); Arena arena = Arena.ofShared()) {
        assertEquals(octet == scalar, op.exact(), text);
        MemorySegment src = arena.allocate(x.length).copyFrom(MemorySegment.ofArray(x));
        MemorySegment dst = arena.allocate(results[0].length);
        op.run(src, xStride, dst, yStride, rows);
        MemorySegment.copy(dst, ValueLayout.JAVA_BYTE, 0, results[octet == scalar ? 0 : 1], 0,
            results[0].length);
        text += " " + op.kernel();
      }
    }
    compare(output, results, text);
  }

  private static void compare(DataType output, byte[][] results, String text) {
    MemorySegment expected = MemorySegment.ofArray(results[0]);
    MemorySegment actual = MemorySegment.ofArray(results[1]);
    int different = 0;
    for (int i = 0; i < results[0].length * 8 / output.bits(); i++) {
      if (output == DataType.F32) {
        float e = expected.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
        assertEquals(e, actual.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i), Math.abs(e) * 0x1p-20f + 1e-4f,
            text + " element " + i);
      } else {
        int mask = output == DataType.U8 ? 0xff : -1;
        int difference = Math.abs((results[0][i] & mask) - (results[1][i] & mask));
        assertTrue(difference <= 1, text + " element " + i + ": " + results[0][i] + ", " + results[1][i]);
        different += difference;
      }
    }
    assertTrue(different <= 1 + results[0].length / 100, text + ": " + different + " differ");
  }

  /** More numbers of rows than are kept compiled, each again after the others: what is held on to changes. */
  @Test
  void rowsThatChangeFromCallToCall() {
    int k = 24;
    int n = 17;
    byte[] w = new byte[k * n];
    new Random(SEED).nextBytes(w);
    QTensor weights = QTensor.of(DataType.S8, Shape.of(k, n), Quantization.perTensor(0.01f), w);
    try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(1).open();
        MatMul op = octet.matMul().input(DataType.U8, Quantization.perTensor(0.02f, 7))
            .weights(weights, WeightLayout.IN_OUT).output(DataType.U8, Quantization.perTensor(0.1f, 120))
            .allowInexactEpilogue().prepare();
        Arena arena = Arena.ofShared()) {
      byte[] x = new byte[40 * k];
      new Random(SEED + 1).nextBytes(x);
      MemorySegment src = arena.allocate(x.length).copyFrom(MemorySegment.ofArray(x));
      MemorySegment all = arena.allocate(40L * n);
      op.run(src, all, 40);
      for (int round = 0; round < 2; round++) {
        for (int rows = 1; rows <= 40; rows++) {
          MemorySegment dst = arena.allocate((long) rows * n);
          op.run(src, dst, rows);
          assertEquals(-1, dst.mismatch(all.asSlice(0, dst.byteSize())), "rows " + rows);
        }
      }
    }
  }

  @Test
  void isExactWhereItCannotFuse() {
    QTensor asymmetric = QTensor.of(DataType.S8, Shape.of(2, 2), Quantization.perTensor(1, 3), new byte[4]);
    QTensor symmetric = QTensor.of(DataType.S8, Shape.of(2, 2), Quantization.perTensor(1), new byte[4]);
    Quantization one = Quantization.perTensor(1);
    try (Octet octet = Octet.builder().engine(Engine.ONEDNN).open()) {
      MatMul.Builder fits = octet.matMul().input(DataType.U8, one).weights(symmetric, WeightLayout.IN_OUT)
          .output(DataType.S8, one).allowInexactEpilogue();
      try (MatMul op = fits.prepare()) {
        assertFalse(op.exact(), op.kernel());
      }
      MatMul.Builder zeroPoints = octet.matMul().input(DataType.U8, one)
          .weights(asymmetric, WeightLayout.IN_OUT)
          .output(DataType.S8, one).allowInexactEpilogue();
      try (MatMul op = zeroPoints.prepare()) {
        assertTrue(op.exact(), op.kernel());
      }
      MatMul.Builder perRow = octet.matMul().inputPerRow(DataType.U8).weights(symmetric, WeightLayout.IN_OUT)
          .output(DataType.S8, one).allowInexactEpilogue();
      try (MatMul op = perRow.prepare()) {
        assertTrue(op.exact(), op.kernel());
      }
    }
  }
}

package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.op.Conv2d;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Convolution against the scalar engine, tolerance 0, on every way that this engine goes. */
@ExtendWith(SplitAllowed.class)
class ConvExactnessTest {
  private static final int CASES = Integer.getInteger("conv.cases", 1500);

  @Test
  void equalsScalar() {
    convolutions(CASES);
  }

  static void convolutions(int cases) {
    Map<String, Integer> kernels = new TreeMap<>();
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        Octet alone = Octet.builder().engine(Engine.ONEDNN).threads(1).open();
        Octet three = Octet.builder().engine(Engine.ONEDNN).threads(3).open()) {
      for (int seed = 0; seed < cases; seed++) {
        RandomConv conv = new RandomConv(seed);
        try (Conv2d law = conv.prepare(scalar, false);
            Conv2d op = conv.prepare(seed % 2 == 0 ? alone : three, false)) {
          assertTrue(op.exact(), conv.toString());
          kernels.merge(op.kernel(), 1, Integer::sum);
          for (int size = 0; size < 3; size++) {
            conv.new Images(law).check(op, 0);
          }
        }
      }
    }
    System.out.println("conv2d on ONEDNN equals SCALAR: " + kernels);
  }
}

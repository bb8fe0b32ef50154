package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.op.Conv2d;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Convolution with oneDNN's own epilogue: within 1 of the law, and said to be inexact. */
@ExtendWith(SplitAllowed.class)
class FusedConv2dTest {
  private static final int CASES = 1200;

  @Test
  void isWithinOne() {
    int fused = 0;
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        Octet alone = Octet.builder().engine(Engine.ONEDNN).threads(1).open();
        Octet three = Octet.builder().engine(Engine.ONEDNN).threads(3).open()) {
      for (int seed = 0; seed < CASES; seed++) {
        RandomConv conv = new RandomConv(seed, 2);
        try (Conv2d law = conv.prepare(scalar, false);
            Conv2d op = conv.prepare(seed % 2 == 0 ? alone : three, true)) {
          assertEquals(op.kernel().contains("fused"), !op.exact(), conv.toString());
          fused += op.exact() ? 0 : 1;
          for (int size = 0; size < 3; size++) {
            conv.new Images(law).check(op, op.exact() ? 0 : 1);
          }
        }
      }
    }
    assertTrue(fused > CASES / 4, fused + " of " + CASES + " fused");
    System.out.println("conv2d on ONEDNN fused: " + fused + " of " + CASES);
  }
}

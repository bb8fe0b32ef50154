package dev.octet.bench.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.octet.bench.networks.Layer.Activation;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No tensor is overwritten before its last reader has run, and memory is shared. */
class BufferPlanTest {
  static List<Architecture> networks() {
    return List.of(MobileNetV2.of(224), ResNet50.of(224), MobileNetV2.of(33), ResNet50.of(33));
  }

  /** Plays a run: each layer finds its inputs as they were left, then marks its output. */
  @ParameterizedTest
  @MethodSource("networks")
  void inputsAreWholeWhenTheyAreRead(Architecture network) {
    int batch = 2;
    BufferPlan plan = new BufferPlan(network, batch);
    byte[] memory = new byte[Math.toIntExact(plan.bytes())];
    List<Layer> layers = network.layers();
    for (int i = 0; i < layers.size(); i++) {
      for (int input : layers.get(i).inputs()) {
        int first = (int) plan.offset(input);
        for (int at = 0; input > 0 && at < batch * network.tensor(input).elements(); at++) {
          if (memory[first + at] != (byte) input) {
            fail(network + ": tensor " + input + " is overwritten before " + layers.get(i).name());
          }
        }
      }
      int from = (int) plan.offset(i + 1);
      assertEquals(0, from % 64);
      Arrays.fill(memory, from, from + batch * network.tensor(i + 1).elements(), (byte) (i + 1));
    }
    assertTrue(plan.bytes() < plan.bytesApart() / 2, plan.bytes() + " of " + plan.bytesApart());
  }

  @Test
  void aChainNeedsTwoBuffers() {
    Architecture chain = new Architecture("chain", 8);
    int x = 0;
    for (int i = 0; i < 5; i++) {
      x = chain.convolution("conv" + i, x, 3, 3, 1, Activation.RELU);
    }
    BufferPlan plan = new BufferPlan(chain, 1);
    assertEquals(5 * 192, plan.bytesApart());
    assertEquals(2 * 192, plan.bytes());
  }

  @Test
  void productsOfTheNetworks() {
    // Multiply-adds as torchvision and the papers count them.
    assertEquals(4_089_184_256L, ResNet50.of(224).products());
    assertEquals(300_774_272L, MobileNetV2.of(224).products());
  }
}

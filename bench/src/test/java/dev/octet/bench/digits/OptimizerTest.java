package dev.octet.bench.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.bench.digits.Parameter.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two steps of each optimizer, worked out by hand. */
class OptimizerTest {
  @Test
  void momentumAddsUp() {
    Parameter p = Parameter.of(Kind.SHIFT, new float[]{1});
    Optimizer sgd = Optimizer.sgd(List.of(p), 0.9f);
    p.gradient()[0] = 2;
    sgd.step(0.1f);
    assertEquals(1 - 0.1 * 2, p.value()[0], 1e-6);
    assertEquals(0, p.gradient()[0]);
    p.gradient()[0] = 1;
    sgd.step(0.1f);
    assertEquals(0.8 - 0.1 * (0.9 * 2 + 1), p.value()[0], 1e-6);
  }

  /** The first step is the rate, whatever the gradient; the second from unbiased means. */
  @Test
  void adamIsAdam() {
    Parameter p = Parameter.of(Kind.SHIFT, new float[]{1});
    Optimizer adam = Optimizer.adam(List.of(p));
    p.gradient()[0] = 4;
    adam.step(0.1f);
    assertEquals(0.9, p.value()[0], 1e-5);
    p.gradient()[0] = 2;
    adam.step(0.1f);
    double mean = (0.9 * 0.1 * 4 + 0.1 * 2) / (1 - 0.81);
    double square = (0.999 * 0.001 * 16 + 0.001 * 4) / (1 - 0.999 * 0.999);
    assertEquals(0.9 - 0.1 * mean / Math.sqrt(square), p.value()[0], 1e-5);
  }

  @Test
  void weightsDecayAndStepsStayPositive() {
    Parameter weight = Parameter.of(Kind.WEIGHT, new float[]{2});
    Parameter step = Parameter.of(Kind.STEP, new float[]{0.1f});
    step.gradient()[0] = 5;
    Optimizer.sgd(List.of(weight, step), 0).step(0.5f);
    assertEquals(2 * (1 - 0.5 * 1e-4), weight.value()[0], 1e-6);
    assertEquals(1e-6f, step.value()[0]);
  }
}

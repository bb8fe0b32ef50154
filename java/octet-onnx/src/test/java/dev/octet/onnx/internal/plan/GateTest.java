package dev.octet.onnx.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What runs use is freed once: when the gate is closed and the last run is over. */
class GateTest {
  private final AtomicInteger freed = new AtomicInteger();
  private final Gate gate = new Gate(freed::incrementAndGet);

  @Test
  void lastRunFrees() {
    gate.enter();
    gate.enter();
    gate.close();
    gate.exit();
    assertEquals(0, freed.get());
    assertThrows(IllegalStateException.class, gate::enter);
    gate.exit();
    assertEquals(1, freed.get());
    gate.close();
    assertEquals(1, freed.get());
  }

  @Test
  void closeFreesWhereNothingRuns() {
    gate.enter();
    gate.exit();
    gate.close();
    gate.close();
    assertEquals(1, freed.get());
    assertThrows(IllegalStateException.class, gate::enter);
    assertEquals(1, freed.get());
  }
}

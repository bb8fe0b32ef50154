package dev.octet.onnx.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Places in a block: never two at once on one byte, and used again. */
class LayoutTest {
  private record Taken(long at, long bytes) {}

  @Test
  void placesAreUsedAgain() {
    Layout layout = new Layout();
    long first = layout.take(100);
    long second = layout.take(64);
    assertEquals(0, first);
    assertEquals(128, second);
    layout.free(first, 100);
    assertEquals(0, layout.take(65));
    assertEquals(192, layout.take(1));
    assertEquals(256, layout.size());
    layout.free(192, 1);
    layout.free(128, 64);
    layout.free(0, 65);
    assertEquals(0, layout.take(256));
    assertEquals(256, layout.size());
  }

  @Test
  void placesOfNothingTakeNothing() {
    Layout layout = new Layout();
    long none = layout.take(0);
    layout.free(none, 0);
    layout.take(0);
    assertEquals(0, layout.size());
  }

  @Test
  void placesNeverOverlap() {
    Random random = new Random(5);
    Layout layout = new Layout();
    List<Taken> taken = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      if (!taken.isEmpty() && random.nextInt(5) < 2) {
        Taken gone = taken.remove(random.nextInt(taken.size()));
        layout.free(gone.at, gone.bytes);
      } else if (taken.size() < 100) {
        long bytes = random.nextInt(5000);
        Taken place = new Taken(layout.take(bytes), bytes);
        assertEquals(0, place.at % 64);
        for (Taken other : taken) {
          assertTrue(place.at + place.bytes <= other.at || other.at + other.bytes <= place.at,
              place + " and " + other);
        }
        taken.add(place);
      }
    }
    taken.forEach(place -> layout.free(place.at, place.bytes));
    assertEquals(0, layout.take(layout.size()));
  }

  @Test
  void sizesThatOverflowAreRefused() {
    Layout layout = new Layout();
    layout.take(64);
    assertThrows(IllegalArgumentException.class, () -> layout.take(Long.MAX_VALUE));
    assertThrows(IllegalArgumentException.class, () -> layout.take(Long.MAX_VALUE - 100));
  }
}

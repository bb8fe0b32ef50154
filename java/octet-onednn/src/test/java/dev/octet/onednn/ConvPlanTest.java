package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bands of a convolution: each is one of its own, and all outputs that see the image are in one of them. */
class ConvPlanTest {
  /** Taps of every output of a band, reckoned in the band's own convolution, are those in the whole one. */
  @Test
  void bandsAreConvolutionsOfTheirOwn() {
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      Span.Axis rows = axis(random);
      Span.Axis columns = axis(random);
      int height = size(random, rows);
      int width = size(random, columns);
      int after = random.nextInt(4);
      int outHeight = outputs(height, rows, after);
      int outWidth = outputs(width, columns, after);
      boolean told = random.nextBoolean();
      ConvPlan plan = new ConvPlan(height, width, rows, columns, outHeight, outWidth, told, (r, c) -> null,
          (images, r, c) -> new ConvPlan.Compiled(null, null, false));
      String what = "seed " + seed + ": " + height + "x" + width + " " + rows + " " + columns + " to "
          + outHeight
          + "x" + outWidth;
      int images = 1 + random.nextInt(2);
      boolean byColumns = height == 1;
      int bands = images > 1 ? 1 : 1 + random.nextInt(byColumns ? outWidth : outHeight);
      ConvPlan.Partition partition = plan.partition(images, byColumns ? 1 : bands, byColumns ? bands : 1);
      assertSame(partition, plan.partition(images, byColumns ? 1 : bands, byColumns ? bands : 1));
      boolean[][] seen = new boolean[outHeight][outWidth];
      for (ConvPlan.Band band : partition.bands()) {
        if (band.compiled() != null) {
          check(band.rows(), rows, height, what);
          check(band.columns(), columns, width, what);
          assertTrue(images == 1 || band.rows().in() == height, what + ": rows as in the image");
          assertTrue((height == 1 && images == 1) || band.columns().in() == width,
              what + ": columns as in the image");
        }
        for (int y = band.firstRow(); y < band.endRow(); y++) {
          for (int x = band.firstColumn(); x < band.endColumn(); x++) {
            assertTrue(!seen[y][x], what + ": twice " + y + ", " + x);
            seen[y][x] = true;
            boolean sees = sees(rows, height, y) && sees(columns, width, x);
            boolean convolved = band.compiled() != null && holds(band.rows(), y) && holds(band.columns(), x);
            assertTrue(convolved || !sees, what + ": not convolved " + y + ", " + x);
          }
        }
      }
      for (int y = 0; y < outHeight; y++) {
        for (int x = 0; x < outWidth; x++) {
          assertTrue(seen[y][x], what + ": in no band " + y + ", " + x);
        }
      }
    }
  }

  @Test
  void saysThatABandMustNotRun() {
    Span.Axis axis = new Span.Axis(3, 1, 1, 1);
    ConvPlan plan = new ConvPlan(8, 8, axis, axis, 8, 8, true, (r, c) -> null,
        (images, rows, columns) -> rows.before() == 0 ? null : new ConvPlan.Compiled(null, null, false));
    assertNull(plan.partition(1, 3, 1), "a band in the middle has no padding");
    assertEquals(1, plan.partition(1, 1, 1).bands().size());
  }

  private static Span.Axis axis(Random random) {
    int taps = 1 + random.nextInt(4);
    int dilation = 1 + random.nextInt(3);
    return new Span.Axis(taps, 1 + random.nextInt(3), dilation, random.nextInt(taps * dilation + 3));
  }

  private static int size(Random random, Span.Axis axis) {
    return random.nextInt(4) == 0 ? 1 : Math.max(1, (int) axis.reach() - axis.padding()) + random.nextInt(9);
  }

  private static int outputs(int size, Span.Axis axis, int after) {
    return Math.max(1, Math.floorDiv(size + axis.padding() + after - (int) axis.reach(), axis.stride()) + 1);
  }

  private static boolean sees(Span.Axis axis, int size, int output) {
    for (int tap = 0; tap < axis.taps(); tap++) {
      int at = output * axis.stride() - axis.padding() + tap * axis.dilation();
      if (at >= 0 && at < size) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(Span span, int output) {
    return output >= span.firstOut() && output < span.firstOut() + span.out();
  }

  private static void check(Span span, Span.Axis axis, int size, String what) {
    assertTrue(span.in() > 0 && span.before() >= 0 && span.after() >= 0, what + ": " + span);
    // As many outputs as oneDNN would reckon.
    long outputs = Math.floorDiv(span.before() + span.in() + span.after() - axis.reach(), axis.stride()) + 1;
    assertEquals(span.out(), outputs, what + ": outputs of " + span);
    for (int o = 0; o < span.out(); o++) {
      for (int tap = 0; tap < axis.taps(); tap++) {
        int inSpan = o * axis.stride() - span.before() + tap * axis.dilation();
        int inImage = (span.firstOut() + o) * axis.stride() - axis.padding() + tap * axis.dilation();
        boolean sees = inImage >= 0 && inImage < size;
        assertEquals(sees, inSpan >= 0 && inSpan < span.in(),
            what + ": " + span + " output " + o + " tap " + tap);
        assertTrue(!sees || inSpan + span.firstIn() == inImage,
            what + ": " + span + " output " + o + " tap " + tap);
      }
    }
  }
}

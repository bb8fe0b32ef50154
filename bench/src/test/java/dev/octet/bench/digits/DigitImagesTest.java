package dev.octet.bench.digits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The drawn digits: the same by seed, all different, with ink and paper. */
class DigitImagesTest {
  private static final int PIXELS_OF_SEED_1 = -2145997276;

  @Test
  void theSameSeedDrawsTheSameImages() {
    DigitImages images = DigitImages.draw(7, 50);
    DigitImages again = DigitImages.draw(7, 50);
    assertArrayEquals(images.pixels(), again.pixels());
    assertArrayEquals(images.labels(), again.labels());
    assertFalse(Arrays.equals(images.pixels(), DigitImages.draw(8, 50).pixels()));
  }

  /** On every machine: what docs/numbers.md prints was learned from these. */
  @Test
  void imagesAreTheSameEverywhere() {
    assertEquals(PIXELS_OF_SEED_1, Arrays.hashCode(DigitImages.draw(1, 20).pixels()));
  }

  @Test
  void everyImageHasInkAndPaperAndItsTurn() {
    DigitImages images = DigitImages.draw(9, 200);
    for (int image = 0; image < images.count(); image++) {
      assertEquals(image % 10, images.labels()[image]);
      int ink = 0;
      for (int p = 0; p < DigitImages.PIXELS; p++) {
        float x = images.pixels()[image * DigitImages.PIXELS + p];
        assertTrue(x >= -1 && x <= 1, "image " + image + ", pixel " + p + ": " + x);
        ink += x > 0 ? 1 : 0;
      }
      assertTrue(ink > 5 && ink < DigitImages.PIXELS / 2, "image " + image + " has " + ink + " dark pixels");
    }
  }
}

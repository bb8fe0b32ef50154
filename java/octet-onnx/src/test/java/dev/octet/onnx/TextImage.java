package dev.octet.onnx;

import dev.octet.Shape;
import dev.octet.onnx.value.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Images of words in large letters of 5 by 7 dots, dark on light, as networks that read text take them. */
final class TextImage {
  private static final int ROWS = 7;
  private static final int COLUMNS = 5;
  /** By letter the rows, whose highest of five bits is the dot on the left. */
  private static final Map<Character, int[]> LETTERS = Map.of(
      'O', new int[]{14, 17, 17, 17, 17, 17, 14}, 'C', new int[]{14, 17, 16, 16, 16, 17, 14},
      'T', new int[]{31, 4, 4, 4, 4, 4, 4}, 'E', new int[]{31, 16, 16, 30, 16, 16, 31},
      '8', new int[]{14, 17, 17, 14, 17, 17, 14}, 'B', new int[]{30, 17, 17, 30, 17, 17, 30},
      'I', new int[]{14, 4, 4, 4, 4, 4, 14}, ' ', new int[]{0, 0, 0, 0, 0, 0, 0});

  private TextImage() {}

  /**
   * An image of three equal channels.
   *
   * @param dot pixels of a dot's side
   * @param light the value of paper; that of ink is its negative
   * @param turned whether it is upside down
   */
  static Tensor of(String text, int height, int width, int dot, float light, boolean turned) {
    float[] plane = new float[height * width];
    Arrays.fill(plane, light);
    int top = (height - ROWS * dot) / 2;
    int left = Math.max(dot, (width - text.length() * (COLUMNS + 1) * dot) / 2);
    for (int y = 0; y < ROWS * dot; y++) {
      for (int x = 0; x < text.length() * (COLUMNS + 1) * dot; x++) {
        int column = x / dot % (COLUMNS + 1);
        int row = LETTERS.get(text.charAt(x / dot / (COLUMNS + 1)))[y / dot];
        if (column < COLUMNS && (row >> (COLUMNS - 1 - column) & 1) != 0) {
          int at = (top + y) * width + left + x;
          plane[turned ? plane.length - 1 - at : at] = -light;
        }
      }
    }
    float[] all = new float[3 * plane.length];
    for (int channel = 0; channel < 3; channel++) {
      System.arraycopy(plane, 0, all, channel * plane.length, plane.length);
    }
    return Tensor.floats(Shape.of(1, 3, height, width), all);
  }
}

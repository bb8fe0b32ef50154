package dev.octet.quantize.file;

/**
 * A matrix of unsigned integers of 4 or 8 bits, packed into words of 32 along one axis.
 *
 * @param words the matrix of words
 * @param bits of an integer
 * @param axis along which they are packed
 * @param places for each integer of a word which one it is, from the lowest bits on
 */
record PackedWords(StoredTensor words, int bits, int axis, int[] places) {
  /** In order, the first in the lowest bits. */
  static PackedWords inOrder(StoredTensor words, int bits, int axis) {
    int[] places = new int[32 / bits];
    for (int i = 0; i < places.length; i++) {
      places[i] = i;
    }
    return new PackedWords(words, bits, axis, places);
  }

  /** The columns of a word 0, 2, 4, 6, 1, 3, 5, 7, from the lowest bits on. */
  static PackedWords interleaved(StoredTensor words, int bits) {
    int count = 32 / bits;
    int[] places = new int[count];
    for (int i = 0; i < count; i++) {
      places[i] = i / 2 + i % 2 * (count / 2);
    }
    return new PackedWords(words, bits, 1, places);
  }

  /** The integer of a row and a column. */
  int at(long row, long column) {
    int count = places.length;
    long packed = axis == 0 ? row : column;
    long index = axis == 0
        ? row / count * words.shape().dim(1) + column
        : row * words.shape().dim(1) + column / count;
    long shift = (long) places[(int) (packed % count)] * bits;
    return (int) (words.element(index) >> shift) & ((1 << bits) - 1);
  }
}

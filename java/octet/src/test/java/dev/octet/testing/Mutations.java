package dev.octet.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Files with seeded damage: bits, bytes, cuts, insertions, copies, and other numbers in the place of numbers.
 */
public final class Mutations {
  private Mutations() {}

  /** The file with one to four changes. */
  public static byte[] mutated(byte[] file, RandomGenerator random) {
    byte[] result = file.clone();
    for (int times = 1 + random.nextInt(4); times > 0; times--) {
      if (result.length == 0) {
        return result;
      }
      int at = random.nextInt(random.nextBoolean() ? result.length : Math.min(result.length, 700));
      switch (random.nextInt(8)) {
        case 0 -> result[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> result[at] = (byte) random.nextInt();
        case 2 -> result = Arrays.copyOf(result, at);
        case 3 -> result = splice(result, at, 0, new byte[1 + random.nextInt(16)]);
        case 4 ->
          result = splice(result, at, Math.min(1 + random.nextInt(16), result.length - at), new byte[0]);
        case 5 -> result = digits(result, at, random);
        case 6 -> {
          for (int i = 0; i < 8 && i < result.length; i++) {
            result[i] = random.nextInt(3) == 0 ? (byte) random.nextInt() : result[i];
          }
        }
        default -> {
          int from = random.nextInt(result.length);
          int count = Math.min(random.nextInt(64), result.length - Math.max(at, from));
          System.arraycopy(result, from, result, at, count);
        }
      }
    }
    return result;
  }

  /** Another number in the place of the next one in the text. */
  private static byte[] digits(byte[] file, int from, RandomGenerator random) {
    int at = from;
    while (at < file.length && (file[at] < '0' || file[at] > '9')) {
      at++;
    }
    int end = at;
    while (end < file.length && file[end] >= '0' && file[end] <= '9') {
      end++;
    }
    String[] numbers = {"0", "1", "-1", "4", "8", "255", "65536", "2147483647", "2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "1e3", "1.5", "99999999999999999999999", "null", "[]"};
    return splice(file, at, end - at,
        numbers[random.nextInt(numbers.length)].getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] splice(byte[] file, int at, int removed, byte[] inserted) {
    byte[] result = new byte[file.length - removed + inserted.length];
    System.arraycopy(file, 0, result, 0, at);
    System.arraycopy(inserted, 0, result, at, inserted.length);
    System.arraycopy(file, at + removed, result, at + inserted.length, file.length - at - removed);
    return result;
  }
}

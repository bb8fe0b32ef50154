package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Fuzzing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A calibration that was saved is the one that was made, to the last bit; what contradicts itself is none.
 */
class CalibrationJsonTest {
  private final Model model = Networks.threeLayers(new Random(1));

  private Calibration seen(CalibrationMethod method, boolean products, long seed) {
    Calibration calibration = products
        ? Calibration.withProducts(model, method)
        : Calibration.of(model, method);
    Random random = new Random(seed);
    float[] input = new float[5 * model.layers().getFirst().in()];
    for (int batch = 0; batch < 3; batch++) {
      for (int i = 0; i < input.length; i++) {
        input[i] = (float) random.nextGaussian();
      }
      calibration.observe(input);
    }
    return calibration;
  }

  private static String text(Calibration calibration) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    calibration.write(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private Calibration read(String text) throws IOException {
    return Calibration.read(model, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void everythingComesBack() throws IOException {
    for (CalibrationMethod method : List.of(CalibrationMethod.minMax(), CalibrationMethod.movingAverage(),
        CalibrationMethod.percentile(99), CalibrationMethod.entropy(),
        CalibrationMethod.meanSquaredError())) {
      for (boolean products : new boolean[]{false, true}) {
        Calibration saved = seen(method, products, 2);
        Calibration read = read(text(saved));
        assertEquals(text(saved), text(read));
        // and goes on as the one that was saved
        saved.merge(seen(method, products, 3));
        read.merge(seen(method, products, 3));
        assertEquals(text(saved), text(read));
        for (Linear layer : model.layers()) {
          InputMoments before = saved.moments(layer.name());
          InputMoments after = read.moments(layer.name());
          assertArrayEquals(before.mean(), after.mean());
          assertArrayEquals(before.absmax(), after.absmax());
          if (products) {
            assertArrayEquals(before.meanProducts(), after.meanProducts());
          }
          assertEquals(saved.observer(layer.name()).toJson(), read.observer(layer.name()).toJson());
        }
      }
    }
  }

  @Test
  void aCalibrationThatHasSeenNothing() throws IOException {
    Calibration empty = Calibration.withProducts(model, CalibrationMethod.minMax());
    assertEquals(text(empty), text(read(text(empty))));
  }

  @Test
  void theFormOfMomentsIsAsDocumented() {
    InputMoments moments = new InputMoments("x", 2, true);
    moments.observe(new float[]{1, -2, 3, 0.5f});
    String json = "{\"format\":\"octet-input-moments\",\"version\":1,\"tensor\":\"x\",\"rows\":2,"
        + "\"sums\":[4.0,-1.5],\"absmax\":[3.0,2.0],\"products\":[10.0,-0.5,4.25]}";
    assertEquals(json, moments.toJson());
    assertEquals(json, InputMoments.fromJson(json).toJson());
    String[][] changes = {{"input-moments", "other", "format"}, {"\"version\":1", "\"version\":2", "version"},
        {"\"x\"", "3", "moments.tensor"}, {"\"rows\":2", "\"rows\":-2", "moments.rows"},
        {"\"rows\":2", "\"rows\":0", "moments.sums[0]"}, {"\"rows\":2", "\"rows\":1", "moments.sums[0]"},
        {"[4.0,-1.5]", "[]", "moments.sums"}, {"[4.0,-1.5]", "[4.0]", "moments.absmax"},
        {"4.0", "7.0", "moments.sums[0]"}, {"4.0", "\"a\"", "moments.sums[0]"},
        {"[3.0", "[-3.0", "moments.absmax[0]"}, {"[3.0", "[3.00000001", "moments.absmax[0]"},
        {",4.25]", "]", "moments.products"}, {"4.25", "-4.25", "moments.products"},
        {"4.25", "9", "moments.products"}, {"4.25", "1e999", "moments.products[2]"}, {"]}", "]", "no JSON"},
        {"]}", "]} x", "no JSON"}, {"{", "{\"rows\":2,", "no JSON"}};
    for (String[] change : changes) {
      String changed = json.replace(change[0], change[1]);
      String message = assertThrows(IllegalArgumentException.class, () -> InputMoments.fromJson(changed),
          changed).getMessage();
      assertTrue(message.contains(change[2]), change[1] + ": " + message);
    }
  }

  @Test
  void whatIsNoCalibrationOfTheModelIsRefused() throws IOException {
    String text = text(seen(CalibrationMethod.minMax(), true, 2));
    String first = model.layers().getFirst().name();
    String second = model.layers().get(1).name();
    String products = text(seen(CalibrationMethod.minMax(), false, 2));
    String other = text(seen(CalibrationMethod.movingAverage(), true, 2));
    String[][] changes = {{text.replace("octet-calibration", "x"), "expected format octet-calibration, got"},
        {text.replace("\"version\":1,\"layers\"", "\"version\":2,\"layers\""), "expected version 1, got"},
        {text.replace("\"layers\":{\"" + first, "\"layers\":{\"none"), "the model has no layer none"},
        {text.replace("},\"" + second + "\":{", "},\"" + first + "\":{"),
            "expected what was seen of " + first},
        {text.substring(0, text.length() / 2), "no JSON"}, {text + "{", "expected nothing after the layers"},
        {text.replaceFirst("\"rows\":\\d+", "\"rows\":-1"), "layer " + first + ": moments.rows"},
        {text.substring(0, text.indexOf(",\"" + second + "\":{")) + "}}", "there is nothing of [" + second},
        {text.substring(0, text.indexOf("\"" + second + "\":{"))
            + products.substring(products.indexOf("\"" + second + "\":{")), "expected one method"},
        {text.substring(0, text.indexOf("\"" + second + "\":{"))
            + other.substring(other.indexOf("\"" + second + "\":{")), "expected one method"},
        {"", "expected a JSON object, got null"}, {"[]", "expected a JSON object"}};
    for (String[] change : changes) {
      String message = assertThrows(IllegalArgumentException.class, () -> read(change[0]), change[1])
          .getMessage();
      assertTrue(message.contains(change[1]), change[1] + ": " + message);
    }
  }

  /** Counts are added to: those that would soon overflow are no counts. */
  @Test
  void countsThatWouldOverflowAreRefused() throws IOException {
    long most = 1L << 53;
    InputMoments.fromJson("{\"format\":\"octet-input-moments\",\"version\":1,\"tensor\":\"x\",\"rows\":"
        + most + ",\"sums\":[0],\"absmax\":[0]}");
    String text = text(seen(CalibrationMethod.minMax(), false, 2));
    for (String field : List.of("rows", "count", "batches")) {
      for (long count : new long[]{most + 1, Long.MAX_VALUE}) {
        String message = assertThrows(IllegalArgumentException.class,
            () -> read(text.replaceAll("\"" + field + "\":\\d+", "\"" + field + "\":" + count)),
            field + " " + count).getMessage();
        assertTrue(message.contains("." + field + ": expected an integer from 0 to " + most), message);
      }
    }
  }

  @Test
  void textOfOtherEncodings() {
    byte[] utf32 = {0, 0, (byte) 0xfe, (byte) 0xff, 0x7f, 0, 0, 0, 1, 2, 3};
    assertEquals("calibration: no JSON: the text is not UTF-8",
        assertThrows(IllegalArgumentException.class,
            () -> Calibration.read(model, new ByteArrayInputStream(utf32))).getMessage());
  }

  /** What ci/fuzz runs for minutes holds for seconds. */
  @Test
  void whatWasChangedIsReadOrRefused(@TempDir Path folder) throws IOException {
    Fuzzing.mutate(new CalibrationTarget(), 500, folder);
  }
}

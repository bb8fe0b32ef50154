package dev.octet.quantize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The file form of an observer; what it reads may come from anywhere and is held to be consistent. */
final class ObserverJson {
  private static final String FORMAT = "octet-observer";
  private static final int VERSION = 1;
  private static final String WHAT = "observer";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ObserverJson() {}

  static String write(Observer observer) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT).put("version", VERSION).put("tensor", observer.tensor());
    switch (observer.method()) {
      case CalibrationMethod.MinMax _ -> root.put("method", "min-max");
      case CalibrationMethod.MovingAverage(double weight) ->
        root.put("method", "moving-average").put("parameter", weight);
      case CalibrationMethod.Percentile(double percent) ->
        root.put("method", "percentile").put("parameter", percent);
      case CalibrationMethod.Entropy _ -> root.put("method", "entropy");
      case CalibrationMethod.MeanSquaredError _ -> root.put("method", "mse");
    }
    root.put("axis", observer.axis()).put("batches", observer.batches());
    ArrayNode channels = root.putArray("channels");
    for (int c = 0; c < observer.channels(); c++) {
      Observer.Channel channel = observer.channel(c);
      ObjectNode node = channels.addObject().put("count", channel.count);
      if (channel.count > 0) {
        node.put("min", channel.min).put("max", channel.max);
      }
      if (observer.method() instanceof CalibrationMethod.MovingAverage) {
        node.putArray("average").add(channel.averageMin).add(channel.averageMax);
      }
      if (channel.histogram != null) {
        ObjectNode histogram = node.putObject("histogram").put("exponent", channel.histogram.exponent());
        ArrayNode bins = histogram.putArray("bins");
        for (int i = 0; i < 2 * Histogram.HALF; i++) {
          if (channel.histogram.count(i) > 0) {
            bins.addArray().add(i).add(channel.histogram.count(i));
          }
        }
      }
    }
    return root.toString();
  }

  static Observer read(String json) {
    return read(SavedJson.tree(WHAT, json));
  }

  static Observer read(JsonNode root) {
    String tensor = SavedJson.tensor(WHAT, root, FORMAT, VERSION);
    JsonNode channels = root.path("channels");
    int axis = (int) integer(root, "axis", -1, 1024);
    CalibrationMethod method = method(root);
    int most = axis < 0 ? 1 : Observer.mostChannels(method);
    require(channels.isArray() && !channels.isEmpty() && channels.size() <= most, "channels",
        "an array of 1 to " + most + " objects", channels.getNodeType() + " of " + channels.size());
    long batches = integer(root, "batches", 0, SavedJson.MOST);
    Observer.Channel[] read = new Observer.Channel[channels.size()];
    for (int c = 0; c < read.length; c++) {
      // One after the other: text that is no channel takes no histogram.
      read[c] = Observer.newChannel(method);
      readChannel(channels.get(c), read[c], batches, method);
    }
    Observer observer = new Observer(tensor, method, axis, read);
    observer.restoreBatches(batches);
    return observer;
  }

  private static CalibrationMethod method(JsonNode root) {
    JsonNode method = root.path("method");
    JsonNode parameter = root.path("parameter");
    return switch (method.asText()) {
      case "min-max" -> CalibrationMethod.minMax();
      case "moving-average" -> new CalibrationMethod.MovingAverage(parameter.asDouble(Double.NaN));
      case "percentile" -> new CalibrationMethod.Percentile(parameter.asDouble(Double.NaN));
      case "entropy" -> CalibrationMethod.entropy();
      case "mse" -> CalibrationMethod.meanSquaredError();
      default -> throw new IllegalArgumentException(
          "observer.method: expected min-max, moving-average, percentile, entropy or mse, got " + method);
    };
  }

  private static void readChannel(JsonNode node, Observer.Channel channel, long batches,
      CalibrationMethod method) {
    channel.count = integer(node, "count", 0, SavedJson.MOST);
    require(channel.count >= batches && (batches > 0 || channel.count == 0), "count",
        "at least one value in each of " + batches + " batches, none without", node.path("count"));
    if (channel.count > 0) {
      channel.min = number(node.path("min"), "min");
      channel.max = number(node.path("max"), "max");
      require(channel.min <= channel.max, "min", "at most max " + channel.max, node.path("min"));
    }
    if (method instanceof CalibrationMethod.MovingAverage) {
      JsonNode average = node.path("average");
      require(average.isArray() && average.size() == 2, "average", "[min, max]", average);
      number(average.get(0), "average");
      number(average.get(1), "average");
      channel.averageMin = average.get(0).doubleValue();
      channel.averageMax = average.get(1).doubleValue();
      require(channel.count == 0 || (channel.averageMin <= channel.averageMax
          && channel.averageMin >= channel.min && channel.averageMax <= channel.max), "average",
          "min <= max, within min and max of all", average);
    }
    if (channel.histogram != null) {
      readHistogram(node.path("histogram"), channel);
    }
  }

  private static void readHistogram(JsonNode node, Observer.Channel channel) {
    float absmax = channel.count == 0 ? 0 : Math.max(Math.abs(channel.min), Math.abs(channel.max));
    int exponent = Histogram.exponentFor(absmax);
    require(node.path("exponent").isInt() && node.path("exponent").intValue() == exponent,
        "histogram.exponent",
        exponent + " for absolute values up to " + absmax, node.path("exponent"));
    JsonNode bins = node.path("bins");
    require(bins.isArray(), "histogram.bins", "an array of pairs", bins);
    // counts are positive and their sum is at most channel.count: no sum overflows
    long left = channel.count;
    int last = -1;
    channel.histogram.restore(exponent, 0, 0);
    int first = binOf(channel.min, channel.histogram);
    int end = binOf(channel.max, channel.histogram);
    for (JsonNode pair : bins) {
      require(pair.isArray() && pair.size() == 2 && pair.get(0).isInt() && pair.get(1).isIntegralNumber()
          && pair.get(1).canConvertToLong(), "histogram.bins", "pairs [bin, count]", pair);
      int bin = pair.get(0).intValue();
      long count = pair.get(1).longValue();
      require(bin > last && bin < 2 * Histogram.HALF && channel.count > 0 && bin >= first && bin <= end,
          "histogram.bins", "ascending bins between those of min and max", pair);
      require(count > 0 && count <= left, "histogram.bins", "counts above 0 that add up to " + channel.count,
          pair);
      channel.histogram.restore(exponent, bin, count);
      left -= count;
      last = bin;
    }
    require(left == 0, "histogram.bins", "counts that add up to " + channel.count, channel.count - left);
    require(channel.count == 0 || (channel.histogram.count(first) > 0 && channel.histogram.count(end) > 0),
        "histogram.bins", "min and max in bins that are not empty", bins.size() + " bins");
  }

  private static int binOf(float x, Histogram histogram) {
    return Float.isInfinite(x) ? 0 : Histogram.HALF + (int) Math.floor(x / histogram.width());
  }

  private static long integer(JsonNode node, String field, long least, long most) {
    return SavedJson.integer(WHAT, node, field, least, most);
  }

  private static float number(JsonNode value, String field) {
    require(value.isNumber() && Float.isFinite(value.floatValue()), field, "a finite number", value);
    return value.floatValue();
  }

  private static void require(boolean condition, String field, String expected, Object got) {
    SavedJson.require(condition, WHAT + "." + field, expected, got);
  }
}

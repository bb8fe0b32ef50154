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
    SavedChannel saved = new SavedChannel(channel);
    saved.count(integer(node, "count", 0, SavedJson.MOST), batches, node.path("count"));
    if (channel.count > 0) {
      saved.ends(number(node.path("min"), "min"), number(node.path("max"), "max"), node.path("min"));
    }
    if (method instanceof CalibrationMethod.MovingAverage) {
      JsonNode average = node.path("average");
      require(average.isArray() && average.size() == 2, "average", "[min, max]", average);
      number(average.get(0), "average");
      number(average.get(1), "average");
      saved.averages(average.get(0).doubleValue(), average.get(1).doubleValue(), average);
    }
    if (channel.histogram != null) {
      readHistogram(node.path("histogram"), saved);
    }
  }

  private static void readHistogram(JsonNode node, SavedChannel saved) {
    JsonNode exponent = node.path("exponent");
    require(exponent.isInt() && exponent.intValue() == saved.exponent(), "histogram.exponent",
        saved.exponent() + " for absolute values up to " + saved.absmax(), exponent);
    JsonNode bins = node.path("bins");
    require(bins.isArray(), "histogram.bins", "an array of pairs", bins);
    saved.openHistogram();
    for (JsonNode pair : bins) {
      require(pair.isArray() && pair.size() == 2 && pair.get(0).isInt() && pair.get(1).isIntegralNumber()
          && pair.get(1).canConvertToLong(), "histogram.bins", "pairs [bin, count]", pair);
      saved.bin(pair.get(0).intValue(), pair.get(1).longValue(), pair);
    }
    saved.closeHistogram();
  }

  private static long integer(JsonNode node, String field, long least, long most) {
    return SavedJson.integer(WHAT, node, field, least, most);
  }

  private static float number(JsonNode value, String field) {
    require(value.isNumber() && Float.isFinite(value.floatValue()), field, "a finite number", value);
    return value.floatValue();
  }

  private static void require(boolean condition, String field, String expected, Object got) {
    SavedChannel.require(condition, field, expected, got);
  }
}

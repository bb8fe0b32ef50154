package dev.octet.quantize;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octet.quantize.json.JsonError;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The file form of a calibration, one layer at a time: products of a large model are gigabytes of text. */
final class CalibrationJson {
  private static final String FORMAT = "octet-calibration";
  private static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper()
      .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  /** What was seen of a layer's input. */
  record Layer(Observer observer, InputMoments moments) {}

  private CalibrationJson() {}

  static void write(Map<String, Layer> layers, OutputStream out) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
      json.writeStartObject();
      json.writeStringField("format", FORMAT);
      json.writeNumberField("version", VERSION);
      json.writeObjectFieldStart("layers");
      for (Map.Entry<String, Layer> layer : layers.entrySet()) {
        json.writeObjectFieldStart(layer.getKey());
        json.writeFieldName("observer");
        json.writeRawValue(layer.getValue().observer().toJson());
        json.writeFieldName("moments");
        json.writeRawValue(layer.getValue().moments().toJson());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  static Map<String, Layer> read(Model model, InputStream in) throws IOException {
    try (JsonParser json = JSON.createParser(in).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) {
      require(json.nextToken() == JsonToken.START_OBJECT,
          "expected a JSON object, got " + json.currentToken());
      header(json, "format", FORMAT);
      header(json, "version", Integer.toString(VERSION));
      require("layers".equals(json.nextFieldName()) && json.nextToken() == JsonToken.START_OBJECT,
          "expected an object layers after version");
      Map<String, Layer> layers = new LinkedHashMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        require(layers.put(name, layer(model, name, JSON.readTree(json))) == null,
            "layer " + name + " is there twice");
      }
      require(json.nextToken() == JsonToken.END_OBJECT && json.nextToken() == null,
          "expected nothing after the layers");
      requireWhole(model, layers);
      return layers;
    } catch (JsonProcessingException | CharConversionException | CharacterCodingException e) {
      throw new IllegalArgumentException("calibration: no JSON: " + JsonError.text(e), e);
    }
  }

  private static void header(JsonParser json, String field, String expected) throws IOException {
    String name = json.nextFieldName();
    json.nextToken();
    require(field.equals(name) && expected.equals(json.getText()),
        "expected " + field + " " + expected + ", got " + name + " " + json.getText());
  }

  private static Layer layer(Model model, String name, JsonNode node) {
    Linear layer = model.layers().stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow(
        () -> new IllegalArgumentException("calibration: the model has no layer " + name));
    try {
      Observer observer = ObserverJson.read(node.path("observer"));
      InputMoments moments = MomentsJson.read(node.path("moments"));
      String tensor = Calibration.input(name);
      require(observer.tensor().equals(tensor) && moments.tensor().equals(tensor),
          "expected what was seen of " + tensor + ", got " + observer.tensor() + " and " + moments.tensor());
      require(observer.axis() < 0, "expected an observer of the whole tensor, got one of axis "
          + observer.axis());
      require(moments.features() == layer.in(), "expected moments of " + layer.in() + " features, got "
          + moments.features());
      return new Layer(observer, moments);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("layer " + name + ": " + e.getMessage(), e);
    }
  }

  /** All layers of the model, seen by one method. */
  private static void requireWhole(Model model, Map<String, Layer> layers) {
    List<String> missing = new ArrayList<>(model.layers().stream().map(Linear::name).toList());
    missing.removeAll(layers.keySet());
    require(missing.isEmpty(), "expected all layers of the model, there is nothing of " + missing);
    List<String> methods = layers.values().stream().map(layer -> layer.observer().method()
        + (layer.moments().hasProducts() ? " with products" : "")).distinct().toList();
    require(methods.size() <= 1, "expected one method for all layers, got " + methods);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException("calibration: " + message);
    }
  }
}

package dev.octet.quantize.proto;

import java.util.ArrayList;
import java.util.List;

/**
 * A ValueInfoProto: an input or an output of a graph.
 *
 * @param name the name
 * @param dataType the number of its element type in ONNX; 0 where it is no tensor, or nothing is said
 * @param dims its dimensions; null where nothing is said of them
 */
public record ValueProto(String name, int dataType, List<Dim> dims) {
  private static final int MAX_RANK = 64;

  /**
   * A dimension.
   *
   * @param length the length; -1 where it is not fixed
   * @param symbol the name of a length that is not fixed; empty where it has none
   */
  public record Dim(long length, String symbol) {}

  static ValueProto read(ProtoMessage message) {
    String name = "";
    ProtoMessage tensor = null;
    while (message.next()) {
      if (message.field() == 1) {
        name = message.text();
      } else if (message.field() == 2) {
        tensor = only(message.message(), 1);
      }
    }
    int dataType = 0;
    List<Dim> dims = null;
    while (tensor != null && tensor.next()) {
      if (tensor.field() == 1) {
        dataType = (int) tensor.number();
      } else if (tensor.field() == 2) {
        dims = dims(name, tensor.message());
      }
    }
    return new ValueProto(name, dataType, dims);
  }

  /** The embedded message of a field; null where there is none. */
  private static ProtoMessage only(ProtoMessage message, int field) {
    ProtoMessage found = null;
    while (message.next()) {
      if (message.field() == field) {
        found = message.message();
      }
    }
    return found;
  }

  private static List<Dim> dims(String name, ProtoMessage message) {
    List<Dim> dims = new ArrayList<>();
    while (message.next()) {
      if (message.field() != 1) {
        continue;
      }
      if (dims.size() == MAX_RANK) {
        throw new MalformedMessageException(
            "value " + name + ": expected at most " + MAX_RANK + " dimensions");
      }
      long length = -1;
      String symbol = "";
      ProtoMessage dim = message.message();
      while (dim.next()) {
        if (dim.field() == 1) {
          length = dim.number();
          if (length < 0) {
            throw new MalformedMessageException(
                "value " + name + ": expected dimensions >= 0, got " + length);
          }
        } else if (dim.field() == 2) {
          symbol = dim.text();
        }
      }
      dims.add(new Dim(length, symbol));
    }
    return dims;
  }
}

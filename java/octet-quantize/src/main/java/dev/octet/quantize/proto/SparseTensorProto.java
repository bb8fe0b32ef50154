package dev.octet.quantize.proto;

import java.util.ArrayList;
import java.util.List;

/**
 * A SparseTensorProto.
 *
 * @param values the values that are not 0
 * @param indices where they are
 * @param dims the shape of the whole, as the file has it
 */
public record SparseTensorProto(TensorProto values, TensorProto indices, List<Long> dims) {
  private static final int MAX_RANK = 64;

  /**
   * Reads a SparseTensorProto.
   *
   * @param message the SparseTensorProto
   * @param name the name; null where its values have it
   * @param files where external data lie
   * @return its parts; the indices are named after the values
   */
  static SparseTensorProto read(ProtoMessage message, String name, ExternalData files) {
    ProtoMessage values = null;
    ProtoMessage indices = null;
    List<Long> dims = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> values = message.message();
        case 2 -> indices = message.message();
        case 3 -> dims(message, dims);
        default -> {
          // what later versions add
        }
      }
    }
    if (values == null || indices == null) {
      throw new MalformedMessageException("sparse tensor" + (name == null ? "" : " " + name)
          + ": expected values and indices, got " + (values == null ? "no values" : "no indices"));
    }
    TensorProto stored = TensorProto.read(values, name, files);
    return new SparseTensorProto(stored, TensorProto.read(indices, stored.name() + "_indices", files), dims);
  }

  private static void dims(ProtoMessage message, List<Long> dims) {
    if (message.wireType() != ProtoMessage.BYTES) {
      dims.add(message.number());
    } else {
      ProtoMessage packed = message.message();
      while (!packed.atEnd() && dims.size() <= MAX_RANK) {
        dims.add(packed.varint());
      }
    }
    if (dims.size() > MAX_RANK) {
      throw new MalformedMessageException(
          "sparse tensor: expected at most " + MAX_RANK + " dimensions");
    }
  }
}

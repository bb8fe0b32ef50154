package dev.octet.quantize.file;

import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A SparseTensorProto as three tensors: {@code NAME}, the values that are not 0; {@code NAME_indices}, I64,
 * where they are; {@code NAME_shape}, I64, the shape of the whole.
 */
final class OnnxSparse {
  static final String OPAQUE = "sparse";
  private static final int MAX_RANK = 64;

  private OnnxSparse() {}

  /**
   * Reads a SparseTensorProto.
   *
   * @param message the SparseTensorProto
   * @param name the name; null where its values have it
   * @param files where external data lie
   * @return its parts
   */
  static List<OnnxTensor.Constant> read(ProtoMessage message, String name, ExternalData files) {
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
      throw new MalformedFileException("sparse tensor" + (name == null ? "" : " " + name)
          + ": expected values and indices, got " + (values == null ? "no values" : "no indices"));
    }
    StoredTensor stored = OnnxTensor.read(values, name, files).tensor();
    String own = stored.name();
    StoredTensor places = OnnxTensor.read(indices, own + "_indices", files).tensor();
    ByteBuffer shape = ByteBuffer.allocate(8 * dims.size()).order(ByteOrder.LITTLE_ENDIAN);
    dims.forEach(shape::putLong);
    return List.of(new OnnxTensor.Constant(stored, OPAQUE, null),
        new OnnxTensor.Constant(places, null, own),
        new OnnxTensor.Constant(new StoredTensor(own + "_shape", StoredType.I64, Shape.of(dims.size()),
            MemorySegment.ofArray(shape.array())), null, own));
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
      throw new MalformedFileException("sparse tensor: expected at most " + MAX_RANK + " dimensions");
    }
  }
}

package dev.octet.onnx.internal.op;

import dev.octet.quantize.proto.AttributeProto;
import dev.octet.quantize.proto.ExternalData;
import dev.octet.quantize.proto.NodeProto;
import dev.octet.quantize.proto.TensorProto;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The attributes of a node while its operator reads them; one that no operator asked for is refused. */
public final class Attributes {
  private final NodeProto node;
  private final int opset;
  private final ExternalData files;
  private final Set<String> asked = new HashSet<>();

  /**
   * Attributes of a node.
   *
   * @param node the node
   * @param opset the version of ONNX that the model is of
   * @param files where external data lie
   */
  public Attributes(NodeProto node, int opset, ExternalData files) {
    this.node = node;
    this.opset = opset;
    this.files = files;
  }

  /** The version of ONNX that the model is of. */
  int opset() {
    return opset;
  }

  private AttributeProto attribute(String name) {
    asked.add(name);
    AttributeProto attribute = node.attributes().get(name);
    if (attribute != null && !attribute.reference().isEmpty()) {
      throw new IllegalArgumentException(
          "attribute " + name + ": refers to an attribute of a function, and the node is in none");
    }
    return attribute;
  }

  /** Whether the node has an attribute. */
  boolean has(String name) {
    return attribute(name) != null;
  }

  /** An integer; another number where there is none. */
  long integer(String name, long otherwise) {
    AttributeProto attribute = attribute(name);
    if (attribute == null) {
      return otherwise;
    }
    if (attribute.integer() == null) {
      throw new IllegalArgumentException("attribute " + name + ": expected an integer");
    }
    return attribute.integer();
  }

  /** A list of integers; null where there is none. */
  long[] integers(String name) {
    AttributeProto attribute = attribute(name);
    return attribute == null ? null : attribute.integers();
  }

  /** A list of integers; another one where there is none. */
  long[] integers(String name, long[] otherwise) {
    return has(name) ? integers(name) : otherwise;
  }

  /** A float; another number where there is none. */
  float real(String name, float otherwise) {
    return has(name) ? real(name) : otherwise;
  }

  /** A word; another one where there is none. */
  String text(String name, String otherwise) {
    AttributeProto attribute = attribute(name);
    if (attribute == null) {
      return otherwise;
    }
    if (attribute.text() == null) {
      throw new IllegalArgumentException("attribute " + name + ": expected a string");
    }
    return attribute.text();
  }

  /** The one of several words that an attribute is. */
  String choice(String name, String otherwise, Set<String> offered) {
    String word = text(name, otherwise);
    if (!offered.contains(word)) {
      throw new UnsupportedOperationException("attribute " + name + ": " + word + " is not offered");
    }
    return word;
  }

  /** How many outputs the node has. */
  int outputs() {
    return node.outputs().size();
  }

  /** A float. */
  float real(String name) {
    AttributeProto attribute = attribute(name);
    if (attribute == null || attribute.real() == null) {
      throw new IllegalArgumentException("attribute " + name + ": expected a float");
    }
    return attribute.real();
  }

  /** A list of floats. */
  float[] reals(String name) {
    return attribute(name).floats();
  }

  /** A list of words; empty where there is none. */
  List<String> texts(String name) {
    AttributeProto attribute = attribute(name);
    return attribute == null
        ? List.of()
        : attribute.strings().stream()
            .map(text -> new String(text.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)).toList();
  }

  /** One tensor; null where there is none. */
  TensorProto tensor(String name) {
    AttributeProto attribute = attribute(name);
    if (attribute == null) {
      return null;
    }
    List<TensorProto> tensors = attribute.tensors(name, files);
    if (tensors.size() != 1) {
      throw new IllegalArgumentException(
          "attribute " + name + ": expected one tensor, got " + tensors.size());
    }
    return tensors.getFirst();
  }

  /** Notes an attribute that does not change what is computed here. */
  void ignore(String name) {
    asked.add(name);
  }

  /**
   * Ends the reading.
   *
   * @throws UnsupportedOperationException if the node has an attribute that the operator did not ask for
   */
  void finish() {
    node.attributes().keySet().stream().filter(name -> !asked.contains(name)).findFirst().ifPresent(name -> {
      throw new UnsupportedOperationException("attribute " + name + " is not offered");
    });
  }
}

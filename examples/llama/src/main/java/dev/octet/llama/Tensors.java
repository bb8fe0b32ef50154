package dev.octet.llama;

import dev.octet.BlockTensor;
import dev.octet.Shape;
import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.GgufTensor;
import java.util.LinkedHashSet;
import java.util.Set;

/** Takes the tensors of a file, each with the shape that the model needs. */
final class Tensors {
  static final String EMBEDDING = "token_embd.weight";

  private final GgufFile file;
  private final Set<String> left;

  Tensors(GgufFile file) {
    this.file = file;
    this.left = new LinkedHashSet<>(file.names());
  }

  boolean has(String name) {
    return file.names().contains(name);
  }

  /**
   * Takes a tensor.
   *
   * @throws IllegalArgumentException if it is not there or has another shape
   */
  GgufTensor tensor(String name, long... dimensions) {
    Shape expected = Shape.of(dimensions);
    if (!has(name)) {
      throw new IllegalArgumentException("tensor " + name + ": expected " + expected + ", is not there");
    }
    GgufTensor tensor = file.tensor(name);
    if (!tensor.shape().equals(expected)) {
      throw new IllegalArgumentException(
          "tensor " + name + ": expected " + expected + ", got " + tensor.shape());
    }
    left.remove(name);
    return tensor;
  }

  /** Takes floats. */
  float[] vector(String name, int features) {
    return tensor(name, features).floats();
  }

  /**
   * Weights of a product.
   *
   * @param name of the tensor
   * @param weights {@code [out][in]}
   */
  record Matrix(String name, BlockTensor weights) {}

  /** Takes weights in blocks. */
  Matrix matrix(String name, int out, int in) {
    GgufTensor tensor = tensor(name, out, in);
    if (tensor.type().block().isEmpty()) {
      throw new IllegalArgumentException(
          "tensor " + name + ": expected weights in a block format, got " + tensor.typeName());
    }
    return new Matrix(name, tensor.block());
  }

  /**
   * Refuses a file with a tensor that nothing has taken, such as a bias: without it the model is another one.
   */
  void requireNoneLeft() {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException("tensor " + left.iterator().next() + ": is not used here, as "
          + left.size() + " of " + file.names().size() + " tensors are not");
    }
  }
}

package dev.octet.llama;

import dev.octet.Octet;
import dev.octet.op.DynamicMatMul;
import dev.octet.quantize.file.GgufFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A language model of the Llama family, prepared: Octet's ops with the weights of a GGUF file. Immutable; any
 * number of {@link LlamaContext}s use it at once.
 */
public final class LlamaModel implements AutoCloseable {
  private static final String OUTPUT = "output.weight";
  /** Llama 3.1's: what the frequencies of its rotation are divided by. */
  private static final String ROPE_FACTORS = "rope_freqs.weight";

  private final GgufFile file;
  private final LlamaShape shape;
  private final Embedding embedding;
  private final float[] ropeFactors;
  private final List<Layer> layers;
  private final float[] outputNorm;
  private final DynamicMatMul output;
  private final Attention.Ops attention;

  private LlamaModel(GgufFile file, WeightStore store, Octet octet) {
    this.file = file;
    this.shape = LlamaShape.of(file);
    Tensors tensors = new Tensors(file);
    int hidden = shape.hidden();
    int pairs = shape.rotated() / 2;
    this.embedding = new Embedding(tensors.tensor(Tensors.EMBEDDING, shape.vocabulary(), hidden), hidden);
    this.ropeFactors = new float[pairs];
    Arrays.fill(ropeFactors, 1);
    if (tensors.has(ROPE_FACTORS)) {
      System.arraycopy(tensors.vector(ROPE_FACTORS, pairs), 0, ropeFactors, 0, pairs);
    }
    List<Layer.Source> sources = IntStream.range(0, shape.layers())
        .mapToObj(layer -> Layer.Source.of(tensors, shape, layer)).toList();
    this.outputNorm = tensors.vector("output_norm.weight", hidden);
    Tensors.Matrix last = tensors.matrix(tensors.has(OUTPUT) ? OUTPUT : Tensors.EMBEDDING, shape.vocabulary(),
        hidden);
    tensors.requireNoneLeft();
    // All is there: packing, which takes time, begins.
    this.layers = sources.stream().map(source -> source.prepare(store)).toList();
    this.output = store.prepare(last);
    this.attention = Attention.Ops.prepare(octet, shape);
  }

  /**
   * Prepares a model.
   *
   * @param path a GGUF file
   * @param octet runs the model; closing it closes the model's ops
   * @param packed the folder of packed weights, which are written there at the first start and mapped; null
   *        to pack them in memory
   * @return the model, to be closed
   * @throws IllegalArgumentException if the file is no Llama whose weights are in block formats, or a tensor
   *         is missing, of another shape, or not used here
   */
  public static LlamaModel open(Path path, Octet octet, Path packed) {
    GgufFile file = GgufFile.open(path);
    try {
      return new LlamaModel(file,
          packed == null ? WeightStore.inMemory(octet) : WeightStore.in(packed, path, octet), octet);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /**
   * Returns sizes and constants.
   *
   * @return the shape
   */
  public LlamaShape shape() {
    return shape;
  }

  /**
   * Returns the products of a step, to look at them and to time them.
   *
   * @return the ops in the order in which a token meets them; closed with the model
   */
  public List<DynamicMatMul> products() {
    return Stream.concat(layers.stream().flatMap(Layer::products), Stream.of(output)).toList();
  }

  Embedding embedding() {
    return embedding;
  }

  float[] ropeFactors() {
    return ropeFactors;
  }

  List<Layer> layers() {
    return layers;
  }

  float[] outputNorm() {
    return outputNorm;
  }

  DynamicMatMul output() {
    return output;
  }

  Attention.Ops attention() {
    return attention;
  }

  /** Unmaps the file and frees the ops; contexts of the model cannot be used any more. */
  @Override
  public void close() {
    layers.forEach(Layer::close);
    output.close();
    attention.close();
    file.close();
  }
}

package dev.octet.llama;

import dev.octet.op.DynamicMatMul;
import java.util.List;
import java.util.stream.Stream;

/** The weights of a layer, prepared. */
record Layer(float[] attentionNorm, DynamicMatMul qkv, DynamicMatMul attentionOutput, float[] forwardNorm,
    DynamicMatMul gateUp, DynamicMatMul down) implements AutoCloseable {
  @Override
  public void close() {
    products().forEach(DynamicMatMul::close);
  }

  Stream<DynamicMatMul> products() {
    return Stream.of(qkv, attentionOutput, gateUp, down);
  }

  /** The weights of a layer as the file has them. */
  record Source(float[] attentionNorm, List<Tensors.Matrix> qkv, Tensors.Matrix attentionOutput,
      float[] forwardNorm, List<Tensors.Matrix> gateUp, Tensors.Matrix down) {
    /** Takes the tensors of a layer; nothing is packed yet. */
    static Source of(Tensors tensors, LlamaShape shape, int layer) {
      String blk = "blk." + layer + ".";
      int hidden = shape.hidden();
      return new Source(tensors.vector(blk + "attn_norm.weight", hidden),
          List.of(tensors.matrix(blk + "attn_q.weight", shape.queries(), hidden),
              tensors.matrix(blk + "attn_k.weight", shape.keys(), hidden),
              tensors.matrix(blk + "attn_v.weight", shape.keys(), hidden)),
          tensors.matrix(blk + "attn_output.weight", hidden, shape.queries()),
          tensors.vector(blk + "ffn_norm.weight", hidden),
          List.of(tensors.matrix(blk + "ffn_gate.weight", shape.feedForward(), hidden),
              tensors.matrix(blk + "ffn_up.weight", shape.feedForward(), hidden)),
          tensors.matrix(blk + "ffn_down.weight", hidden, shape.feedForward()));
    }

    Layer prepare(WeightStore store) {
      return new Layer(attentionNorm, store.prepare(qkv), store.prepare(attentionOutput), forwardNorm,
          store.prepare(gateUp), store.prepare(down));
    }
  }
}

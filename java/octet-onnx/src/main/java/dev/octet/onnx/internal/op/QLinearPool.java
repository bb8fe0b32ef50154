package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import java.util.List;

/**
 * Means of windows of images of 8 bits, or of their channels, with scales and zero points of images and
 * results. An operator of ONNX Runtime; means of windows are those of the numerics law, which differ from its
 * by at most 1.
 *
 * @param pool the operator of floats; null for the mean of each channel
 * @param channelsLast whether channels are the last axis
 */
record QLinearPool(Pool pool, boolean channelsLast) implements IntegerOp {
  static QLinearPool read(Attributes attributes, boolean global) {
    return new QLinearPool(global ? null : Pool.read(attributes, false),
        attributes.integer("channels_last", 0) != 0);
  }

  @Override
  public String type() {
    return pool == null ? "QLinearGlobalAveragePool" : "QLinearAveragePool";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 4, 5, 2);
    IntegerOp.check(inputs, 0);
    IntegerOp.checkScale(inputs, 3, inputs.getFirst().type());
    Known x = inputs.getFirst();
    if (x.hasRank() && x.rank() != 3 && x.rank() != 4) {
      throw new UnsupportedOperationException("input 0: only images of one or two dimensions are offered");
    }
    Quantized any = new Quantized(x.type(), 1, 0);
    QuantizedPool op = new QuantizedPool(pool, any, any);
    return channelsLast ? op.infer(List.of(x)) : new ChannelsFirst(op).infer(List.of(x));
  }

  @Override
  public Settled settle(List<Known> inputs) {
    Known x = inputs.getFirst();
    if (pool != null && (!x.hasRank() || !FixedWindow.isFixed(pool.window(), x))) {
      throw new UnsupportedOperationException("a padding that depends on the image is not offered");
    }
    QuantizedPool op = new QuantizedPool(pool, IntegerOp.quantized(x.type(), inputs, 1),
        IntegerOp.quantized(x.type(), inputs, 3));
    return new Settled(channelsLast ? op : new ChannelsFirst(op), 0);
  }
}

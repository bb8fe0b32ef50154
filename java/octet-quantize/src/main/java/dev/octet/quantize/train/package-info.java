/**
 * What a training engine calls to train a network for its integers: fake quantization with a learned step
 * size, and batch normalization folded into the weights before it. Functions over plain arrays, forward and
 * backward; the engine keeps its own tensors, layers and optimizer.
 *
 * <p>
 * A layer is trained as it will run. Its forward step folds
 * ({@link dev.octet.quantize.train.FoldedBatchNorm}), quantizes and dequantizes its weights and its output
 * ({@link dev.octet.quantize.train.FakeQuantizer}) and computes with the results; its backward step passes
 * gradients through the rounding as if it were the identity, and learns the scales beside the weights. When
 * training ends, the same scales quantize weights for {@link dev.octet.op.MatMul} and
 * {@link dev.octet.op.Conv2d}, which give the same integers.
 */
package dev.octet.quantize.train;

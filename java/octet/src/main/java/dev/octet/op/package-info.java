/**
 * The operations. An op is made by an {@link dev.octet.Octet}: a builder, {@code prepare()}, then
 * {@code run()} any number of times by any number of threads. What a result is, to the last bit, is the
 * numerics law, written down in docs/numerics.md of the repository; where the law names no formula of its own
 * it is that of the ONNX operator named in the op's comment.
 *
 * <p>
 * Decided here, where neither the law nor ONNX says anything:
 * <ul>
 * <li>{@link dev.octet.op.DynamicQuantize}: an empty row, and a row whose scale would underflow to 0, have
 * scale 1 and zero point 0; a row with a NaN or an infinity dequantizes to NaN.</li>
 * <li>{@link dev.octet.op.Lookup}: tables are computed in binary64 with {@link java.lang.StrictMath}; NaN
 * gives the smallest integer.</li>
 * <li>{@link dev.octet.op.Pool}: sums are exact integers of any size; a window without a pixel has mean 0 and
 * the smallest integer as maximum; the output has {@code floor((size + padding - extent) / stride) + 1}
 * windows (ONNX ceil_mode 0).</li>
 * <li>{@link dev.octet.op.Binary}: quotients are computed in binary64; a number divided by 0 saturates by its
 * sign, 0 divided by 0 gives the smallest result.</li>
 * </ul>
 */
package dev.octet.op;

/**
 * Operations. An {@link dev.octet.Octet} makes a builder, {@code prepare()} makes the op, and {@code run()}
 * may be called any number of times by any number of threads. The numerics law, docs/numerics.md of the
 * repository, defines every result to the last bit; where it has no formula of its own, the ONNX operator
 * that the comment of the op names defines the result.
 *
 * <p>
 * Rules for the memory that is passed to a run:
 * <ul>
 * <li>Segments may be native or heap segments of any alignment. They are used until the run returns and are
 * not kept.</li>
 * <li>The calling thread must have access to them: a closed arena throws
 * {@link java.lang.IllegalStateException}, a confined arena of another thread
 * {@link java.lang.WrongThreadException}.</li>
 * <li>No thread may write to an input or access an output during the run.</li>
 * <li>A segment may be longer than needed; bytes beyond the tensor are neither read nor written.</li>
 * <li>All arguments are checked before the first byte is written.</li>
 * </ul>
 *
 * <p>
 * Unless stated otherwise, a null argument throws {@link java.lang.NullPointerException}, and a null segment
 * of a run {@link java.lang.IllegalArgumentException}.
 *
 * <p>
 * Decisions where neither the law nor ONNX defines a result:
 * <ul>
 * <li>{@link dev.octet.op.DynamicQuantize}: an empty row, and a row whose scale would underflow to 0, have
 * scale 1 and zero point 0; a row with a NaN or an infinity dequantizes to NaN.</li>
 * <li>{@link dev.octet.op.Lookup}: tables are computed in binary64 with {@link java.lang.StrictMath}; NaN
 * gives the smallest integer.</li>
 * <li>{@link dev.octet.op.Pool}: sums are exact integers of any size; a window without a pixel has mean 0 and
 * the smallest integer as maximum; the output has {@code floor((size + padding - extent) / stride) + 1}
 * windows (ONNX ceil_mode 0) where {@code ceilMode()} does not add one.</li>
 * <li>{@link dev.octet.op.Binary}: quotients are computed in binary64; a number divided by 0 saturates by its
 * sign, 0 divided by 0 gives the smallest result.</li>
 * </ul>
 */
@NullMarked
package dev.octet.op;

import org.jspecify.annotations.NullMarked;

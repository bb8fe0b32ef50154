package dev.octet.internal.vector.common;

import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.plain.PlainElements;
import dev.octet.internal.vector.simd.ElementWarmUp;
import dev.octet.internal.vector.simd.SimdElements;

/** The loops over elements of one running tile: with the Vector API as soon as it is compiled. */
public final class Elements {
  /** Elements of a heap array that are copied at a time; with the result they stay in L2. */
  public static final int PIECE = 16 << 10;

  private final ElementLoops plain = new PlainElements();
  private final ElementLoops fast = Form.isSimd() ? new SimdElements() : plain;

  /** The loops that are the faster ones by now. */
  public ElementLoops now() {
    return Form.isSimd() && !ElementWarmUp.isOver() ? plain : fast;
  }

  /** Whether operands have to be native, see {@link ElementLoops#nativeOnly}. */
  public boolean nativeOnly() {
    return fast.nativeOnly();
  }
}

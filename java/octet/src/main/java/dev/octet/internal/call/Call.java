package dev.octet.internal.call;

import dev.octet.internal.parallel.Workers;
import java.util.Arrays;

/**
 * The arguments of a running call, cut into tiles. One object serves one call after the other; a subclass
 * adds what calls of its kind bring.
 */
public abstract class Call extends StatePool.State implements Workers.Tiles {
  private Operand[] operands = {};
  private TiledKernel<?, ?> kernel;

  /** Returns a new operand of every call to come; for field initializers. */
  protected final Operand operand() {
    Operand operand = new Operand();
    operands = Arrays.copyOf(operands, operands.length + 1);
    operands[operands.length - 1] = operand;
    return operand;
  }

  final void of(TiledKernel<?, ?> owner) {
    kernel = owner;
  }

  /** Does one tile, on any thread; for {@link Workers}. */
  @Override
  public final void run(int number) {
    kernel.tileOf(this, number);
  }

  /** Returns whether threads other than the caller's can reach all operands. */
  final boolean isShareable() {
    boolean all = true;
    for (Operand operand : operands) {
      all &= operand.isShareable();
    }
    return all;
  }

  final void lend() {
    for (Operand operand : operands) {
      operand.lend();
    }
  }

  /** Returns whether some operand lies in a heap array. */
  public final boolean hasHeap() {
    boolean some = false;
    for (Operand operand : operands) {
      some |= operand.isHeap();
    }
    return some;
  }

  @Override
  protected void clear() {
    for (Operand operand : operands) {
      operand.clear();
    }
  }
}

package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.GeluForm;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.Gelu;
import java.util.List;

/** GELU of real numbers. */
final class GeluCase extends OpCase<Gelu> {
  private final GeluForm form;
  private final float[] x;

  GeluCase(Dice dice) {
    this.form = dice.pick(GeluForm.values());
    this.x = dice.reals(1, dice.size(20_000));
  }

  @Override
  Gelu prepare(Octet octet, Memory memory) {
    return octet.gelu(form);
  }

  @Override
  List<Output> run(Gelu op, Memory memory) {
    Output y = memory.result("y", DataType.F32, Shape.of(x.length));
    op.run(memory.of(x), y.data(), x.length);
    return List.of(y);
  }

  @Override
  public String toString() {
    return "gelu " + form + " [" + x.length + "]";
  }
}

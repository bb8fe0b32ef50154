package dev.octet.engine;

import dev.octet.DataType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a concatenation of tensors along one axis.
 *
 * @param inputs types, scales and zero points of the inputs, per tensor
 * @param output type, scale and zero point of the 8-bit output
 */
public record ConcatSpec(List<ActivationSpec> inputs, OutputSpec output) {
  /** Copies the list of inputs. */
  public ConcatSpec {
    inputs = List.copyOf(inputs);
  }

  /**
   * Returns the table that requantizes an input, indexed by the unsigned value of a byte.
   *
   * @param number of the input, from 0 on
   * @return 256 bytes; null if each byte stays what it is
   */
  public byte @Nullable [] table(int number) {
    ActivationSpec input = inputs.get(number);
    byte[] table = new byte[256];
    boolean same = true;
    for (int i = 0; i < table.length; i++) {
      int q = input.type() == DataType.U8 ? i : (byte) i;
      float real = Numbers.dequantize(q, input.scale(), input.zeroPoint());
      table[i] = (byte) Numbers.quantize(real, output.scale(), output.zeroPoint(), output.type());
      same &= table[i] == (byte) i;
    }
    return same ? null : table;
  }
}

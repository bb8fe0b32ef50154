package dev.octet.harness.shape;

import dev.octet.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The number form of a case, the column "dtype" of results.csv: source, weights, destination one after the
 * other, a group size after the weights where their scales are per group, {@code q} at the end where the
 * result is requantized per channel with bias and clamp. {@code u8s8u8q}, {@code s8s8s32}, {@code f32s8f32},
 * {@code f32s4g32f32}; one type alone where all are the same: {@code f32}. Element-wise ops have no weights:
 * source, destination, {@code f32u8}; binary ops name both sources, {@code s8s8s8}.
 *
 * @param types one, two or three types
 * @param groupSize weights that share a scale along K, 0: per channel
 * @param requantized whether the result is requantized per channel
 */
public record Form(List<DataType> types, int groupSize, boolean requantized) {

  private static final Pattern TYPE = Pattern.compile("\\G(u8|s8|u4|s4|s32|f32)(?:g([1-9]\\d{0,5}))?");

  /** FP32 throughout. */
  public static final Form F32 = parse("f32");

  /** Copies the list. */
  public Form {
    types = List.copyOf(types);
  }

  /**
   * Reads a form.
   *
   * @param text for example {@code u8s8u8q}
   * @return the form
   * @throws IllegalArgumentException if it is none
   */
  public static Form parse(String text) {
    List<DataType> types = new ArrayList<>();
    int group = 0;
    int end = 0;
    Matcher type = TYPE.matcher(text);
    while (type.find()) {
      types.add(DataType.valueOf(type.group(1).toUpperCase(Locale.ROOT)));
      if (type.group(2) != null) {
        group = types.size() == 2 && group == 0 ? Integer.parseInt(type.group(2)) : -1;
      }
      end = type.end();
    }
    boolean requantized = text.substring(end).equals("q");
    if (types.isEmpty() || types.size() > 3 || group < 0 || (end < text.length() && !requantized)) {
      throw new IllegalArgumentException("dtype \"" + text
          + "\": expected source, weights and destination, for example u8s8u8q, f32s4g32f32 or f32");
    }
    return new Form(types, group, requantized);
  }

  /** The same with activations of U8 where they are S8; weights stay as they are. */
  public Form withUnsignedActivations() {
    List<DataType> others = new ArrayList<>(types);
    for (int i = 0; i < others.size(); i += 2) {
      others.set(i, others.get(i) == DataType.S8 ? DataType.U8 : others.get(i));
    }
    return types.size() == 3 ? new Form(others, groupSize, requantized) : this;
  }

  /** The type of the input. */
  public DataType source() {
    return types.getFirst();
  }

  /** The type of the weights, or of the second input. */
  public DataType weights() {
    return types.get(types.size() / 2);
  }

  /** The type of the output. */
  public DataType destination() {
    return types.getLast();
  }

  /** Whether everything is FP32. */
  public boolean isFloat() {
    return equals(F32);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < types.size(); i++) {
      text.append(types.get(i).name().toLowerCase(Locale.ROOT));
      if (i == 1 && groupSize > 0) {
        text.append('g').append(groupSize);
      }
    }
    return text.append(requantized ? "q" : "").toString();
  }
}

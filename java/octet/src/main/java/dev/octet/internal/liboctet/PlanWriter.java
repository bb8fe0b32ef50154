package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills a plan, the struct of an op in octet.h, field by field; the tables and further plans that it points
 * to are written behind it, into one piece of memory.
 */
final class PlanWriter {
  /** Tables begin at a cache line. */
  private static final long ALIGNMENT = 64;

  private final MemoryLayout layout;
  private final List<Table> tables = new ArrayList<>();
  private final List<Field> fields = new ArrayList<>();
  private final List<Plan> plans = new ArrayList<>();
  private long bytes;

  private record Table(long field, long offset, MemorySegment content) {}

  private record Field(long offset, Number value) {}

  private record Plan(long field, long offset, PlanWriter content) {}

  /** For a struct, whose fields are 0 until they are set. */
  PlanWriter(MemoryLayout layout) {
    this.layout = layout;
    this.bytes = aligned(layout.byteSize());
  }

  private static long aligned(long offset) {
    return (offset + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private long offset(String field) {
    return layout.byteOffset(PathElement.groupElement(field));
  }

  /** A pointer to something else. */
  void address(String field, long address) {
    fields.add(new Field(offset(field), address));
  }

  /** An int32_t. */
  void number(String field, int value) {
    fields.add(new Field(offset(field), value));
  }

  /** An int64_t. */
  void number(String field, long value) {
    fields.add(new Field(offset(field), value));
  }

  /** A float. */
  void number(String field, float value) {
    fields.add(new Field(offset(field), value));
  }

  /** Zero point and bounds of an output, as structs of products and convolutions have them. */
  void output(OutputSpec output) {
    boolean real = output.type() == DataType.F32;
    number("zero_point", output.zeroPoint());
    number("low", real ? output.min() : (float) (output.lo() - output.zeroPoint()));
    number("high", real ? output.max() : (float) (output.hi() - output.zeroPoint()));
  }

  /** A pointer to numbers; null: NULL. */
  void table(String field, int[] table) {
    if (table != null) {
      add(field, MemorySegment.ofArray(table));
    }
  }

  /** A pointer to numbers; null: NULL. */
  void table(String field, float[] table) {
    if (table != null) {
      add(field, MemorySegment.ofArray(table));
    }
  }

  /** A pointer to bytes; null: NULL. */
  void table(String field, byte[] table) {
    if (table != null) {
      add(field, MemorySegment.ofArray(table));
    }
  }

  /** A pointer to another plan, which is complete. */
  void plan(String field, PlanWriter plan) {
    plans.add(new Plan(offset(field), bytes, plan));
    bytes += plan.bytes;
  }

  private void add(String field, MemorySegment content) {
    tables.add(new Table(offset(field), bytes, content));
    bytes = aligned(bytes + content.byteSize());
  }

  /** The memory of struct and tables; its first byte is that of the struct. */
  NativeMemory write() {
    NativeMemory memory = NativeMemory.allocate(bytes);
    memory.segment().fill((byte) 0);
    write(memory.segment());
    return memory;
  }

  private void write(MemorySegment plan) {
    for (Field field : fields) {
      switch (field.value()) {
        case Integer value -> plan.set(ValueLayout.JAVA_INT, field.offset(), value);
        case Float value -> plan.set(ValueLayout.JAVA_FLOAT, field.offset(), value);
        case Long value -> plan.set(ValueLayout.JAVA_LONG, field.offset(), value);
        default -> throw new AssertionError(field.value());
      }
    }
    for (Table table : tables) {
      plan.set(ValueLayout.JAVA_LONG, table.field(), plan.address() + table.offset());
      MemorySegment.copy(table.content(), 0, plan, table.offset(), table.content().byteSize());
    }
    for (Plan other : plans) {
      plan.set(ValueLayout.JAVA_LONG, other.field(), plan.address() + other.offset());
      other.content().write(plan.asSlice(other.offset()));
    }
  }
}

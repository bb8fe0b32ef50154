package dev.octet.testing;

import dev.octet.Engine;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An engine against SCALAR: every op with everything it knows, sizes around every vector width and tile size,
 * operands in native memory and on the heap. For SCALAR itself it shows that results do not depend on where
 * operands lie.
 */
public abstract class AgainstScalarSuite {
  /** Around vectors of 4 to 64 elements, tiles of 6, 14, 48 and 96 rows or columns, and blocks of 256. */
  private static final int[] EDGES = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 23, 24, 25, 31, 32,
      33, 47,
      48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129, 255, 256, 257};

  private Subject subject;
  private Subject scalar;

  /** The engine under test. */
  protected abstract EngineProfile profile();

  /** How often each dimension of an op meets each size. */
  protected int rounds() {
    return 4;
  }

  @BeforeEach
  final void open() {
    subject = new Subject(profile());
    scalar = new Subject(EngineProfile.complete(Engine.SCALAR));
  }

  @AfterEach
  final void close() {
    subject.close();
    scalar.close();
  }

  @ParameterizedTest
  @EnumSource(TestedOp.class)
  void equals(TestedOp op) {
    if (!op.offeredBy(profile())) {
      System.out.println("against SCALAR " + op + " on " + profile().name() + ": not offered");
      return;
    }
    SegmentAllocator heap = (size, alignment) -> MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
    RandomCases.run("against SCALAR " + op, profile().name(), rounds() * Sizes.cases(EDGES),
        (dice, index, what) -> {
          OpCase c = op.random(dice, profile(), new Sizes(dice, EDGES, 257, index));
          try (Arena memory = Arena.ofConfined()) {
            Map<String, Tensor> expected = c.run(scalar, memory);
            Comparison.check(what + ", native memory", c, expected, c.run(subject, memory));
            Comparison.check(what + ", heap", c, expected, c.run(subject, heap));
          }
        });
  }
}

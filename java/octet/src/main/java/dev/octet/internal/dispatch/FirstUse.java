package dev.octet.internal.dispatch;

import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Engine NATIVE on a platform where no JVM has run it before: the first run of a kernel is made by SCALAR
 * too, on copies of its operands, and every operand has to be the same afterwards. A kernel that passed is
 * used as it is from then on, in this process; one that did not throws, then and later.
 */
final class FirstUse {
  /**
   * Products that only bound their error may differ by so much of the largest number of an operand. A wrong
   * kernel is off by far more than this, one whose sums are ordered in another way by far less.
   */
  private static final float NEAR = 1.0f / (1 << 12);

  private final String platform;
  private final Backend engine;
  private final Backend reference;
  /** Names of kernels. */
  private final Set<String> proven = ConcurrentHashMap.newKeySet();

  private FirstUse(String platform, Backend engine, Backend reference) {
    this.platform = platform;
    this.engine = engine;
    this.reference = reference;
  }

  /**
   * An engine whose kernels are held to those of another one.
   *
   * @param platform for messages
   * @param engine whose kernels run, closed with the result
   * @param reference whose kernels are right
   */
  static Backend of(String platform, Backend engine, Backend reference) {
    FirstUse check = new FirstUse(platform, engine, reference);
    return proxy(Backend.class, check::backend);
  }

  private interface Handler {
    Object invoke(Method method, Object... arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Handler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type},
        (self, method, arguments) -> handler.invoke(method, arguments)));
  }

  private static Object call(Object target, Method method, Object... arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Object backend(Method method, Object... arguments) throws Throwable {
    if (method.getName().equals("describe")) {
      return engine.describe() + ", each held to SCALAR at its first use: no JVM has run them on " + platform
          + " yet";
    }
    Object result = call(engine, method, arguments);
    if (!(result instanceof Kernel kernel) || proven.contains(kernel.name())) {
      return result;
    }
    Kernel right;
    try {
      right = (Kernel) call(reference, method, arguments);
    } catch (UnsupportedOperationException e) {
      kernel.close();
      throw new UnsupportedOperationException(kernel.name() + " has not been held to SCALAR on " + platform
          + " yet, which cannot be done here: prepare the op once with weights that are not packed", e);
    }
    boolean near = method.getName().toLowerCase(Locale.ROOT).contains("weightonly");
    Checked checked = new Checked(kernel, right, near);
    return proxy(method.getReturnType().asSubclass(Kernel.class), checked::kernel);
  }

  /** A kernel that has not been proven when it was prepared. */
  private final class Checked {
    private final Kernel kernel;
    private final Kernel right;
    private final boolean near;
    private volatile @Nullable String failure;

    Checked(Kernel kernel, Kernel right, boolean near) {
      this.kernel = kernel;
      this.right = right;
      this.near = near;
    }

    Object kernel(Method method, Object... arguments) throws Throwable {
      if (method.getName().equals("close")) {
        right.close();
      }
      if (!method.getName().equals("run")) {
        return call(kernel, method, arguments);
      }
      if (failure != null) {
        throw new IllegalStateException(failure);
      }
      if (proven.contains(kernel.name())) {
        return call(kernel, method, arguments);
      }
      try (Arena arena = Arena.ofConfined()) {
        Operands operands = new Operands(arena, arguments);
        call(right, method, operands.copies);
        call(kernel, method, arguments);
        String difference = operands.difference(near);
        if (difference != null) {
          failure = "engine NATIVE is wrong on " + platform + ": " + kernel.name() + ", " + difference
              + " as SCALAR has it; use another engine, such as -Doctet.engine=vector, and report it";
          throw new IllegalStateException(failure);
        }
      }
      proven.add(kernel.name());
      return null;
    }
  }

  /** The memory of a run, and copies of it. */
  private static final class Operands {
    private final Arena arena;
    private final List<MemorySegment> given = new ArrayList<>();
    private final List<MemorySegment> copied = new ArrayList<>();
    final Object[] copies;

    Operands(Arena arena, Object... arguments) {
      this.arena = arena;
      this.copies = new Object[arguments.length];
      for (int i = 0; i < arguments.length; i++) {
        copies[i] = switch (arguments[i]) {
          case null -> null;
          case MemorySegment segment -> copy(segment);
          case List<?> list -> list.stream().map(part -> copy((MemorySegment) part)).toList();
          case BatchMatMulCall call -> copy(call);
          case Object other -> other;
        };
      }
    }

    private @Nullable MemorySegment copy(@Nullable MemorySegment segment) {
      if (segment == null) {
        return null;
      }
      MemorySegment copy = arena.allocate(segment.byteSize(), 64);
      MemorySegment.copy(segment, 0, copy, 0, segment.byteSize());
      given.add(segment);
      copied.add(copy);
      return copy;
    }

    private BatchMatMulCall copy(BatchMatMulCall call) {
      return new BatchMatMulCall().sizes(call.batch(), call.m(), call.k(), call.n())
          .left(copy(call.left()), copy(call.leftScales()), copy(call.leftZeroPoints()))
          .right(copy(call.right()), copy(call.rightScales()), copy(call.rightZeroPoints()))
          .out(copy(call.out())).leftStrides(call.leftBatch(), call.leftRow())
          .rightStrides(call.rightBatch(), call.rightRow()).outStrides(call.outBatch(), call.outRow());
    }

    /** Null: all are the same. An operand that the result took the place of is compared as the result. */
    @Nullable
    String difference(boolean near) {
      for (int i = 0; i < given.size(); i++) {
        String difference = difference(given.get(i), copied.get(i), near);
        if (difference != null && !isReplaced(i, near)) {
          return "operand " + (i + 1) + " of " + given.size() + ", " + difference;
        }
      }
      return null;
    }

    private boolean isReplaced(int operand, boolean near) {
      for (int i = 0; i < given.size(); i++) {
        if (i != operand && given.get(i).asOverlappingSlice(given.get(operand)).isPresent()
            && difference(given.get(i), copied.get(i), near) == null) {
          return true;
        }
      }
      return false;
    }

    private static @Nullable String difference(MemorySegment actual, MemorySegment expected, boolean near) {
      long size = actual.byteSize();
      long at = actual.mismatch(expected);
      float tolerance = near && at >= 0 ? NEAR * largest(expected) : 0;
      while (at >= 0) {
        long number = at & -4;
        if (number + 4 > size
            || !areAlike(floatAt(actual, number), floatAt(expected, number), tolerance)) {
          return "byte " + at + " is " + actual.get(ValueLayout.JAVA_BYTE, at) + " and not "
              + expected.get(ValueLayout.JAVA_BYTE, at);
        }
        long next = number + 4;
        long after = MemorySegment.mismatch(actual, next, size, expected, next, size);
        at = after < 0 ? -1 : next + after;
      }
      return null;
    }

    /** NaN has many bits. */
    private static boolean areAlike(float a, float b, float tolerance) {
      return (Float.isNaN(a) && Float.isNaN(b)) || (tolerance > 0 && Math.abs(a - b) <= tolerance);
    }

    private static float largest(MemorySegment floats) {
      float largest = 0;
      for (long i = 0; i + 4 <= floats.byteSize(); i += 4) {
        float magnitude = Math.abs(floatAt(floats, i));
        largest = magnitude > largest && magnitude < Float.POSITIVE_INFINITY ? magnitude : largest;
      }
      return largest;
    }

    private static float floatAt(MemorySegment from, long at) {
      return from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
    }
  }
}

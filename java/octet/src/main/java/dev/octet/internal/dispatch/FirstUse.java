package dev.octet.internal.dispatch;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Kernel;
import dev.octet.engine.MatMulSpec;
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
 * An engine of native code on a platform where no JVM has run it before: the first run of a kernel is made by
 * SCALAR too, on copies of its operands, and every operand has to be the same afterwards, as far as the op
 * promises that. A kernel that passed is used as it is from then on, in this process; one that did not
 * throws, then and later. A run that writes nothing new, as one of no rows, says nothing and does not count.
 * oneDNN makes code for each shape and has one name for all of it: the first shape stands for the others.
 */
final class FirstUse {
  /**
   * Floats that the law leaves open may differ by so much of the largest number of an operand. A wrong kernel
   * is off by far more than this, one whose sums are ordered in another way by far less.
   */
  private static final float NEAR = 1.0f / (1 << 12);

  private final Engine name;
  private final String platform;
  private final Backend engine;
  private final Backend reference;
  /** Names of kernels. */
  private final Set<String> proven = ConcurrentHashMap.newKeySet();

  /** What a result may be beside what SCALAR has. */
  private enum Allowed {
    NOTHING,
    /** Floats by {@link #NEAR}. */
    NEARLY,
    /** Bytes without a sign by 1. */
    ONE_OF_U8,
    /** Bytes with a sign by 1. */
    ONE_OF_S8
  }

  private FirstUse(Engine name, String platform, Backend engine, Backend reference) {
    this.name = name;
    this.platform = platform;
    this.engine = engine;
    this.reference = reference;
  }

  /**
   * An engine whose kernels are held to those of another one.
   *
   * @param name of the engine, for messages
   * @param platform for messages
   * @param engine whose kernels run, closed with the result
   * @param reference whose kernels are right
   */
  static Backend of(Engine name, String platform, Backend engine, Backend reference) {
    FirstUse check = new FirstUse(name, platform, engine, reference);
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
      return engine.describe() + ", each kernel held to SCALAR at its first use: no JVM has run them on "
          + platform + " yet";
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
    Allowed allowed = method.getName().toLowerCase(Locale.ROOT).contains("weightonly")
        ? Allowed.NEARLY
        : kernel.exact() ? Allowed.NOTHING : allowedOf(arguments[0]);
    Checked checked = new Checked(kernel, right, allowed);
    return proxy(method.getReturnType().asSubclass(Kernel.class), checked::kernel);
  }

  /** What an op allows that leaves the last rounding to the engine. */
  private static Allowed allowedOf(Object spec) {
    DataType output = switch (spec) {
      case MatMulSpec product -> product.output().type();
      case Conv2dSpec convolution -> convolution.output().type();
      default -> throw new AssertionError("an inexact kernel for " + spec);
    };
    return switch (output) {
      case U8 -> Allowed.ONE_OF_U8;
      case S8 -> Allowed.ONE_OF_S8;
      case F32 -> Allowed.NEARLY;
      default -> Allowed.NOTHING;
    };
  }

  /** A kernel that has not been proven when it was prepared. */
  private final class Checked {
    private final Kernel kernel;
    private final Kernel right;
    private final Allowed allowed;
    private volatile @Nullable String failure;

    Checked(Kernel kernel, Kernel right, Allowed allowed) {
      this.kernel = kernel;
      this.right = right;
      this.allowed = allowed;
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
        boolean tells = operands.areChanged();
        call(kernel, method, arguments);
        String difference = operands.difference(allowed);
        if (difference != null) {
          failure = "engine " + name + " is wrong on " + platform + ": " + kernel.name() + ", " + difference
              + " as SCALAR has it; use another engine, such as -Doctet.engine=vector, and report it";
          throw new IllegalStateException(failure);
        }
        if (tells) {
          proven.add(kernel.name());
        }
      }
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

    /** Whether the run of the copies wrote anything that was not there. */
    boolean areChanged() {
      for (int i = 0; i < given.size(); i++) {
        if (given.get(i).mismatch(copied.get(i)) >= 0) {
          return true;
        }
      }
      return false;
    }

    /** Null: all are the same. An operand that the result took the place of is compared as the result. */
    @Nullable
    String difference(Allowed allowed) {
      for (int i = 0; i < given.size(); i++) {
        String difference = difference(given.get(i), copied.get(i), allowed);
        if (difference != null && !isReplaced(i, allowed)) {
          return "operand " + (i + 1) + " of " + given.size() + ", " + difference;
        }
      }
      return null;
    }

    private boolean isReplaced(int operand, Allowed allowed) {
      for (int i = 0; i < given.size(); i++) {
        if (i != operand && given.get(i).asOverlappingSlice(given.get(operand)).isPresent()
            && difference(given.get(i), copied.get(i), allowed) == null) {
          return true;
        }
      }
      return false;
    }

    private static @Nullable String difference(MemorySegment actual, MemorySegment expected,
        Allowed allowed) {
      long size = actual.byteSize();
      long width = allowed == Allowed.ONE_OF_U8 || allowed == Allowed.ONE_OF_S8 ? 1 : 4;
      long at = actual.mismatch(expected);
      float tolerance = allowed == Allowed.NEARLY && at >= 0 ? NEAR * largest(expected) : 0;
      while (at >= 0) {
        long number = at & -width;
        if (number + width > size || !areAlike(actual, expected, number, allowed, tolerance)) {
          return "byte " + at + " is " + byteAt(actual, at) + " and not " + byteAt(expected, at);
        }
        long next = number + width;
        long after = MemorySegment.mismatch(actual, next, size, expected, next, size);
        at = after < 0 ? -1 : next + after;
      }
      return null;
    }

    private static boolean areAlike(MemorySegment actual, MemorySegment expected, long at, Allowed allowed,
        float tolerance) {
      return switch (allowed) {
        case NOTHING, NEARLY -> areAlike(floatAt(actual, at), floatAt(expected, at), tolerance);
        case ONE_OF_U8 -> Math.abs((byteAt(actual, at) & 0xff) - (byteAt(expected, at) & 0xff)) <= 1;
        case ONE_OF_S8 -> Math.abs(byteAt(actual, at) - byteAt(expected, at)) <= 1;
      };
    }

    /** NaN has many bits. */
    private static boolean areAlike(float a, float b, float tolerance) {
      return (Float.isNaN(a) && Float.isNaN(b)) || (tolerance > 0 && Math.abs(a - b) <= tolerance);
    }

    private static byte byteAt(MemorySegment from, long at) {
      return from.get(ValueLayout.JAVA_BYTE, at);
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

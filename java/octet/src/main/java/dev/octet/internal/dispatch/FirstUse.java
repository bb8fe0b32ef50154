package dev.octet.internal.dispatch;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.Kernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.internal.answers.Allowed;
import dev.octet.internal.answers.Answer;
import dev.octet.internal.answers.KnownAnswers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An engine of native code on a platform where no JVM has run it before, or where {@value #CHECK} asks for
 * it: the first kernel of a name is held to {@link KnownAnswers} when it is prepared, whatever the sizes of
 * its users are, and is used as it is from then on. One that is wrong throws then and later.
 *
 * <p>
 * oneDNN makes code for each shape and has one name for all of it, of which answers for other shapes say
 * little: its kernels, and any that known answers do not meet, are held to SCALAR at their first run, on
 * copies of its operands; the first shape stands for the others. A run that writes nothing new, as one of no
 * rows, says nothing and does not count.
 */
final class FirstUse {
  /** The property that asks for the same on every platform. */
  static final String CHECK = "octet.native.check";

  /** What there is to compare for a call of a method of the engine. */
  interface Answers {
    KnownAnswers of(String op, Object... arguments);
  }

  /** Ops whose results are floats, whatever their spec. */
  private static final Set<String> FLOATS = Set.of("dequantize", "dynamicMatMul", "weightOnlyMatMul",
      "blockMatMul", "blockWeightOnlyMatMul", "sgemm", "softmax", "layerNorm", "gelu");

  private final Engine name;
  private final String platform;
  private final String why;
  private final Backend engine;
  private final Backend reference;
  private final Answers answers;
  /** Ops and names of kernels that were asked for, in the words of {@link #key}. */
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final Set<String> proven = ConcurrentHashMap.newKeySet();
  /** What to say of those that are not as they should be. */
  private final Map<String, String> wrong = new ConcurrentHashMap<>();

  private FirstUse(Engine name, String platform, String why, Backend engine, Backend reference,
      Answers answers) {
    this.name = name;
    this.platform = platform;
    this.why = why;
    this.engine = engine;
    this.reference = reference;
    this.answers = answers;
  }

  /** Whether {@value #CHECK} is set. */
  static boolean isAsked() {
    return Boolean.getBoolean(CHECK); // whoever opens an Octet has checked the value
  }

  /**
   * An engine whose kernels are held to those of another one.
   *
   * @param name of the engine, for messages
   * @param machine on which it runs
   * @param engine whose kernels run, closed with the result
   * @param reference whose kernels are right
   */
  static Backend of(Engine name, Machine machine, Backend engine, Backend reference) {
    return of(name, machine, engine, reference, name == Engine.ONEDNN ? FirstUse::none : KnownAnswers::of);
  }

  private static KnownAnswers none(String op, Object... arguments) {
    return new KnownAnswers(List.of(op), List::of);
  }

  /** The same with other answers. */
  static Backend of(Engine name, Machine machine, Backend engine, Backend reference, Answers answers) {
    String unproven = machine.unproven();
    FirstUse check = new FirstUse(name, unproven == null ? "this machine" : unproven,
        unproven == null ? CHECK + " asks for it" : "no JVM has run them on " + unproven + " yet", engine,
        reference, answers);
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
      return engine.describe() + ", each kernel held to SCALAR " + (name == Engine.ONEDNN ? "at" : "before")
          + " its first use: " + why;
    }
    Object result = call(engine, method, arguments);
    if (!(result instanceof Kernel kernel)) {
      return result;
    }
    KnownAnswers known = answers.of(method.getName(), arguments == null ? new Object[0] : arguments);
    String key = key(known, kernel.name());
    try {
      check(method.getName(), key, known);
    } catch (RuntimeException | Error e) {
      kernel.close();
      throw e;
    }
    return proven.contains(key) ? kernel : checkedAtRun(key, kernel, method, arguments);
  }

  /** A kernel of one name may go other ways for other types of weights, and serves several ops. */
  private static String key(KnownAnswers known, String kernel) {
    return known.kind() + " by " + kernel;
  }

  private void check(String op, String key, KnownAnswers known) {
    if (!asked.contains(key)) {
      synchronized (asked) {
        if (!asked.contains(key) && !proven.contains(key)) {
          compare(op, known);
        }
        asked.add(key);
      }
    }
    String difference = wrong.get(key);
    if (difference != null) {
      throw new IllegalStateException(difference);
    }
  }

  /** Compares all answers of a kind, which may be those of several kernels. */
  private void compare(String op, KnownAnswers known) {
    Set<String> right = new HashSet<>();
    for (Answer<?> answer : known.answers().get()) {
      Answer.Outcome outcome = answer.compare(engine, reference);
      if (outcome == null) {
        continue;
      }
      String key = key(known, outcome.kernel());
      if (outcome.difference() == null) {
        right.add(key);
      } else {
        wrong.putIfAbsent(key, message(outcome.kernel(), op + " " + outcome.difference()));
      }
    }
    right.removeAll(wrong.keySet());
    proven.addAll(right);
  }

  private String message(String kernel, String difference) {
    return "engine " + name + " is wrong on " + platform + ": " + kernel + ", " + difference
        + " as SCALAR has it; use another engine, such as -Doctet.engine=vector, and report it";
  }

  private Object checkedAtRun(String key, Kernel kernel, Method method, Object... arguments)
      throws Throwable {
    Kernel right;
    try {
      right = (Kernel) call(reference, method, arguments);
    } catch (UnsupportedOperationException e) {
      kernel.close();
      throw new UnsupportedOperationException(kernel.name() + " has not been held to SCALAR on " + platform
          + " yet, which cannot be done here: prepare the op once with weights that are not packed", e);
    } catch (RuntimeException | Error e) {
      kernel.close();
      throw e;
    }
    Allowed allowed = method.getName().toLowerCase(Locale.ROOT).contains("weightonly")
        ? Allowed.NEARLY
        : kernel.exact() ? Allowed.NOTHING : Allowed.byInexactEpilogue(type(method, arguments));
    Checked checked = new Checked(key, kernel, right, type(method, arguments), allowed);
    return proxy(method.getReturnType().asSubclass(Kernel.class), checked::kernel);
  }

  /** The type of a result; U8 of one that is bytes of any type. */
  private static DataType type(Method method, Object... arguments) {
    Object spec = arguments == null ? null : arguments[0];
    return switch (spec) {
      case null -> FLOATS.contains(method.getName()) ? DataType.F32 : DataType.U8;
      case MatMulSpec product -> product.output().type();
      case BatchMatMulSpec product -> product.output().type();
      case Conv2dSpec convolution -> convolution.output().type();
      case Conv3dSpec convolution -> convolution.output().type();
      case ConvTranspose2dSpec convolution -> convolution.output().type();
      default -> FLOATS.contains(method.getName()) ? DataType.F32 : DataType.U8;
    };
  }

  /** A kernel that has not been proven when it was prepared. */
  private final class Checked {
    private final String key;
    private final Kernel kernel;
    private final Kernel right;
    private final DataType type;
    private final Allowed allowed;

    Checked(String key, Kernel kernel, Kernel right, DataType type, Allowed allowed) {
      this.key = key;
      this.kernel = kernel;
      this.right = right;
      this.type = type;
      this.allowed = allowed;
    }

    Object kernel(Method method, Object... arguments) throws Throwable {
      if (method.getName().equals("close")) {
        right.close();
      }
      if (!method.getName().equals("run")) {
        return call(kernel, method, arguments);
      }
      String before = wrong.get(key);
      if (before != null) {
        throw new IllegalStateException(before);
      }
      if (proven.contains(key)) {
        return call(kernel, method, arguments);
      }
      try (Arena arena = Arena.ofConfined()) {
        Operands operands = new Operands(arena, arguments);
        call(right, method, operands.copies);
        boolean tells = operands.areChanged();
        float largest = allowed == Allowed.NEARLY ? operands.largestWritten() : 0;
        call(kernel, method, arguments);
        String difference = operands.difference(type, allowed, largest);
        if (difference != null) {
          String text = message(kernel.name(), difference);
          wrong.put(key, text);
          throw new IllegalStateException(text);
        }
        if (tells) {
          proven.add(key);
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

    /** Of the floats that the run of the copies wrote: a result may have anything between its rows. */
    float largestWritten() {
      MemorySegment before = given.getLast();
      MemorySegment after = copied.getLast();
      float largest = 0;
      for (long at = before.mismatch(after); at >= 0;) {
        long number = at & -Float.BYTES;
        long next = Math.min(number + Float.BYTES, before.byteSize());
        largest = Math.max(largest, Allowed.largest(after.asSlice(number, next - number)));
        long found = MemorySegment.mismatch(before, next, before.byteSize(), after, next, before.byteSize());
        at = found < 0 ? -1 : next + found;
      }
      return largest;
    }

    /**
     * Null: all are the same. The last one is a result of a type, the others are compared as bytes. An
     * operand that the result took the place of is compared as the result.
     */
    @Nullable
    String difference(DataType type, Allowed allowed, float largest) {
      for (int i = 0; i < given.size(); i++) {
        String difference = difference(i, type, allowed, largest);
        if (difference != null && !isReplaced(i, type, allowed, largest)) {
          return "operand " + (i + 1) + " of " + given.size() + ", " + difference;
        }
      }
      return null;
    }

    private @Nullable String difference(int operand, DataType type, Allowed allowed, float largest) {
      boolean isResult = operand == given.size() - 1;
      return (isResult ? allowed : Allowed.NOTHING).difference(given.get(operand), copied.get(operand),
          isResult ? type : DataType.U8, largest);
    }

    private boolean isReplaced(int operand, DataType type, Allowed allowed, float largest) {
      for (int i = 0; i < given.size(); i++) {
        if (i != operand && given.get(i).asOverlappingSlice(given.get(operand)).isPresent()
            && difference(i, type, allowed, largest) == null) {
          return true;
        }
      }
      return false;
    }
  }
}

package dev.octet.testing;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Null for each argument of public methods and constructors, one at a time, the others being usable: refused,
 * and the message has the argument's name.
 */
public final class NullArguments {
  private static final String NULLABLE = "org.jspecify.annotations.Nullable";

  private final Set<String> nullable;
  private final Function<Parameter, Object> usable;
  private final List<String> wrong = new ArrayList<>();
  private int tried;

  /**
   * Trials.
   *
   * @param nullable arguments that may be null besides those that are declared so,
   *        {@code Class.method.argument}
   * @param usable an argument for a parameter; null: none, the others of its method are left out
   */
  public NullArguments(Set<String> nullable, Function<Parameter, Object> usable) {
    this.nullable = nullable;
    this.usable = usable;
  }

  /**
   * Tries all methods of ours that a type declares or inherits.
   *
   * @param type the type
   * @param target of methods that are not static; null: the static ones are tried
   */
  public void methods(Class<?> type, Object target) {
    for (Method method : type.getMethods()) {
      if (method.getDeclaringClass().getName().startsWith("dev.octet.") && !method.isBridge()
          && !method.getName().equals("equals") && !method.getName().equals("valueOf")
          && Modifier.isStatic(method.getModifiers()) == (target == null)) {
        tryEach(method, arguments -> method.invoke(target, arguments));
      }
    }
  }

  /**
   * Tries all public constructors of a type.
   *
   * @param type the type
   */
  public void constructors(Class<?> type) {
    for (Constructor<?> constructor : type.getConstructors()) {
      if (!Modifier.isAbstract(type.getModifiers())) {
        tryEach(constructor, constructor::newInstance);
      }
    }
  }

  /** A method or a constructor. */
  @FunctionalInterface
  private interface Call {
    Object with(Object... arguments) throws ReflectiveOperationException;
  }

  private void tryEach(Executable executable, Call call) {
    Parameter[] parameters = executable.getParameters();
    Object[] arguments = new Object[parameters.length];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = usable.apply(parameters[i]);
    }
    String where = executable.getDeclaringClass().getName().replaceAll(".*\\.", "") + "."
        + (executable instanceof Method ? executable.getName() : "new");
    for (int i = 0; i < parameters.length; i++) {
      if (isNullable(parameters[i])) {
        continue;
      }
      String name = where + "." + parameters[i].getName();
      Object[] some = arguments.clone();
      some[i] = null;
      long absent = Arrays.stream(some).filter(Objects::isNull).count();
      if (parameters[i].getType().isPrimitive() || nullable.contains(name) || absent > 1) {
        continue;
      }
      tried++;
      String message = message(executable, call, some, parameters[i].getName());
      if (message == null || message.startsWith("Cannot ")
          || !Pattern.compile("\\b" + parameters[i].getName() + "\\b").matcher(message).find()) {
        wrong.add(name + ": " + message);
      }
    }
  }

  /** By name: the annotation is not there where a module is tested without it. */
  private static boolean isNullable(Parameter parameter) {
    return Arrays.stream(parameter.getAnnotatedType().getAnnotations())
        .anyMatch(annotation -> annotation.annotationType().getName().equals(NULLABLE));
  }

  /**
   * What is said of a null; null if it is taken, or there are no words. Where an op was prepared for another
   * kind of run, that goes first: the other op's turn shows it.
   */
  private static String message(Executable executable, Call call, Object[] arguments, String absent) {
    try {
      if (!Modifier.isPublic(executable.getDeclaringClass().getModifiers())) {
        executable.setAccessible(true); // public, of a class that is not
      }
      call.with(arguments);
      return null;
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalStateException) {
        return absent;
      }
      boolean refusal = e.getCause() instanceof NullPointerException
          || e.getCause() instanceof IllegalArgumentException;
      return refusal ? e.getCause().getMessage() : e.getCause().toString();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(executable.toString(), e);
    }
  }

  /**
   * Returns what was taken, or refused without the argument's name.
   *
   * @return names and messages
   */
  public List<String> wrong() {
    return List.copyOf(wrong);
  }

  /**
   * Returns how many nulls were tried.
   *
   * @return the number
   */
  public int tried() {
    return tried;
  }
}

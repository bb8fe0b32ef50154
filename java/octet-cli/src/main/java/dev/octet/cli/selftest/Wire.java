package dev.octet.cli.selftest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/** Tasks and events as lines of text between two JVMs; what else a JVM prints is no event. */
final class Wire {
  private static final String PREFIX = "octet-selftest:";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Class<?>> EVENTS = List.of(Event.class.getPermittedSubclasses());

  private Wire() {}

  static String line(Event event) {
    return PREFIX + event.getClass().getSimpleName() + " " + write(event);
  }

  /** The event of a line, or null. */
  static Event event(String line) {
    if (!line.startsWith(PREFIX)) {
      return null;
    }
    String[] parts = line.substring(PREFIX.length()).split(" ", 2);
    return EVENTS.stream().filter(type -> type.getSimpleName().equals(parts[0])).findFirst()
        .map(type -> (Event) read(parts[1], type)).orElse(null);
  }

  static String task(Task task) {
    return write(task);
  }

  static Task task(String line) {
    return read(line, Task.class);
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + value, e);
    }
  }

  private static <T> T read(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot read " + text, e);
    }
  }
}

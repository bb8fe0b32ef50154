package dev.octet.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.octet.quantize.file.WeightQuantizer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What commands print: text or JSON on standard output, progress on standard error where that is a terminal.
 */
final class Screen {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private final CommandSpec spec;
  private final boolean json;

  Screen(CommandSpec spec, boolean json) {
    this.spec = spec;
    this.json = json;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /**
   * A line, not where JSON is asked for. Markup such as {@code @|bold ..|@} is for terminals; text of files
   * goes through {@link Plain} first.
   */
  void say(String line) {
    if (!json) {
      out().println(spec.commandLine().getColorScheme().ansi().string(line));
    }
  }

  /** Everything as JSON, where that is asked for. */
  void json(Object value) {
    if (json) {
      try {
        out().println(JSON.writeValueAsString(value));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Columns, the first to the left, the others to the right. Cells are text of files. */
  void table(List<String> head, List<List<String>> cells) {
    List<List<String>> rows = cells.stream().map(row -> row.stream().map(Plain::text).toList()).toList();
    int[] widths = new int[head.size()];
    List<List<String>> all = new ArrayList<>();
    all.add(head);
    all.addAll(rows);
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    boolean first = true;
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(i == 0 ? "" : "  ").append(
            String.format("%" + (i == 0 || i == widths.length - 1 ? "-" : "") + widths[i] + "s", row.get(i)));
      }
      if (!json) {
        out().println(first
            ? spec.commandLine().getColorScheme().ansi()
                .string("@|bold " + line.toString().stripTrailing() + "|@")
            : line.toString().stripTrailing());
      }
      first = false;
    }
  }

  /** A bar for the time of long work; shows nothing without a terminal. */
  Bar bar(String task) {
    return new Bar(terminal() && !json ? task : null);
  }

  @SuppressWarnings("SystemConsoleNull") // without a terminal it is null again since JDK 25
  private static boolean terminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Bytes in a unit that leaves three digits. */
  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    String[] units = {"kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = -1;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, value < 9.995 ? "%.2f %s" : value < 99.95 ? "%.1f %s" : "%.0f %s",
        value,
        units[unit]);
  }

  /** A progress bar that may be none. */
  static final class Bar implements WeightQuantizer.Progress, AutoCloseable {
    private final ProgressBar bar;

    private Bar(String task) {
      this.bar = task == null
          ? null
          : new ProgressBarBuilder().setTaskName(task).setInitialMax(1).setUnit(" MB", 1_000_000)
              .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(200).clearDisplayOnFinish()
              .setConsumer(new ConsoleProgressBarConsumer(System.err)).build();
    }

    @Override
    public void at(String what, long done, long total) {
      if (bar != null) {
        bar.maxHint(total).stepTo(done);
        String plain = Plain.text(what);
        bar.setExtraMessage(plain.length() > 40 ? "..." + plain.substring(plain.length() - 37) : plain);
      }
    }

    /** How long it took is told by the caller; the line goes away. */
    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }

  /** Seconds, for sentences. */
  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }
}

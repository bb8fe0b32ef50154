package dev.octet.cli;

import dev.octet.quantize.file.FileComparison;
import dev.octet.quantize.file.OutputFile;
import dev.octet.quantize.file.WeightFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code octet verify}: how far quantized weights are from the FP32 ones. */
@Command(name = "verify", mixinStandardHelpOptions = true, description = {
    "Compare the weights of two files, tensor by tensor.",
    "Fails with exit code 1 if a tensor is missing, further off than asked for, or not comparable."})
final class VerifyCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;
  @Parameters(index = "0", paramLabel = "FP32", description = "the file or folder before quantization")
  private Path reference;
  @Parameters(index = "1", paramLabel = "QUANTIZED", description = "the one after it")
  private Path quantized;
  @Option(names = "--min-sqnr", paramLabel = "DB", defaultValue = "10", description = "the least signal to quantization noise of a tensor, in decibels (default: ${DEFAULT-VALUE}; int8 has some 40, int4 some 20)")
  private double minSqnr;
  @Option(names = "--report", paramLabel = "FILE.html", description = "write a page with the table and a bar for each tensor")
  private Path report;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Screen screen = new Screen(spec, json);
    FileComparison comparison;
    try (WeightFile before = WeightFile.open(reference);
        WeightFile after = WeightFile.open(quantized);
        Screen.Bar bar = screen.bar("comparing")) {
      if (report != null) {
        OutputFile.refuseInputs("--report", report, before.files());
        OutputFile.refuseInputs("--report", report, after.files());
        OutputFile.create(report).close(); // whether it can be written, before the long work
      }
      comparison = FileComparison.of(before, after, bar);
    }
    List<List<String>> rows = new ArrayList<>();
    List<Map<String, Object>> tensors = new ArrayList<>();
    List<String> tooFar = new ArrayList<>();
    List<String> notComparable = new ArrayList<>();
    long before = 0;
    long after = 0;
    double signal = 0;
    double noise = 0;
    for (FileComparison.Row row : comparison.tensors()) {
      before += row.bytesBefore();
      after += row.bytesAfter();
      if (!row.isComparable()) {
        notComparable.add(row.name());
      } else if (row.noise() > 0) {
        signal += row.signal();
        noise += row.noise();
        if (row.sqnr() < minSqnr) {
          tooFar.add(row.name());
        }
      }
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("name", row.name());
      values.put("form", row.form());
      values.put("bytesBefore", row.bytesBefore());
      values.put("bytesAfter", row.bytesAfter());
      values.put("comparable", row.isComparable());
      values.put("sqnr", row.noise() == 0 || !row.isComparable() ? null : row.sqnr());
      values.put("cosine", row.cosine());
      values.put("maxError", row.isComparable() ? row.maxError() : null);
      values.put("transposed", row.transposed());
      tensors.add(values);
      if (row.noise() > 0 || row.transposed() || row.bytesBefore() != row.bytesAfter()) {
        rows.add(List.of(row.name(), decibels(row), String.format(Locale.ROOT, "%.6f", row.cosine()),
            String.format(Locale.ROOT, "%.3g", row.maxError()), Screen.bytes(row.bytesBefore()),
            Screen.bytes(row.bytesAfter()), row.form()));
      }
    }
    double sqnr = FileComparison.decibels(signal, noise);
    screen.table(List.of("tensor", "SQNR dB", "cosine", "max error", "before", "after", "as"), rows);
    screen.say("%d tensors, of which %d changed; %s; %s before, %s after (%.2f of it)"
        .formatted(comparison.tensors().size(), rows.size(),
            differences(noise, sqnr, notComparable), Screen.bytes(before),
            Screen.bytes(after),
            (double) after / Math.max(1, before)));
    if (report != null) {
      OutputFile.write(report,
          ComparisonPage.html(comparison, reference, quantized).getBytes(StandardCharsets.UTF_8));
      screen.say("report: %s".formatted(Plain.text(report.toString())));
    }
    boolean good = comparison.missing().isEmpty() && tooFar.isEmpty() && notComparable.isEmpty();
    comparison.missing()
        .forEach(name -> screen.say("@|red missing or of another shape: %s|@".formatted(Plain.text(name))));
    tooFar.forEach(name -> screen.say("@|red below %s dB: %s|@".formatted(minSqnr, Plain.text(name))));
    notComparable.forEach(name -> screen.say("@|red not comparable, or NaN or infinite in one file only: %s|@"
        .formatted(Plain.text(name))));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("good", good);
    all.put("sqnr", noise == 0 ? null : sqnr);
    all.put("bytesBefore", before);
    all.put("bytesAfter", after);
    all.put("missing", comparison.missing());
    all.put("tooFar", tooFar);
    all.put("notComparable", notComparable);
    all.put("tensors", tensors);
    screen.json(all);
    return good ? 0 : OctetCommand.NO;
  }

  private static String differences(double noise, double sqnr, List<String> notComparable) {
    if (noise == 0) {
      return notComparable.isEmpty() ? "no number differs" : "not all of it comparable";
    }
    return "SQNR of those " + decibels(sqnr) + " dB"
        + (notComparable.isEmpty() ? "" : ", not all of it comparable");
  }

  static String decibels(FileComparison.Row row) {
    return !row.isComparable() ? "not comparable" : row.noise() == 0 ? "equal" : decibels(row.sqnr());
  }

  private static String decibels(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}

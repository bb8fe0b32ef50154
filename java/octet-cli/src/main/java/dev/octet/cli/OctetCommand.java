package dev.octet.cli;

import dev.octet.quantize.file.MalformedFileException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** The command and what its exit codes mean. */
@Command(name = "octet", mixinStandardHelpOptions = true, versionProvider = OctetCommand.Version.class, description = {
    "Quantized tensor kernels for the JVM: what runs here, and weights from FP32 to int8 and int4."}, subcommands = {
        InfoCommand.class, InspectCommand.class, RunCommand.class, QuantizeCommand.class, VerifyCommand.class,
        BenchCommand.class, DemoCommand.class, SelftestCommand.class,
        GenerateCompletion.class,
        CommandLine.HelpCommand.class}, exitCodeListHeading = "%nExit codes:%n", exitCodeList = {
            "0:done",
            "1:the answer is no: a file is damaged or missing, weights are too far off, an engine is wrong",
            "2:the command line is wrong",
            "70:a defect of octet; --stacktrace tells more"}, footerHeading = "%n", footer = {
                "Completion in bash and zsh: source <(octet generate-completion)",
                "Colours and progress bars are for terminals only; NO_COLOR switches colours off."})
public final class OctetCommand {
  static final int NO = 1;
  static final int DEFECT = 70;

  @CommandLine.Option(names = "--stacktrace", scope = CommandLine.ScopeType.INHERIT, description = "Print where an error came from.")
  private boolean stacktrace;

  /**
   * Runs a command.
   *
   * @param args see --help
   */
  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT); // numbers with a point, for people and scripts alike
    StandardOutput output = StandardOutput.install();
    CommandLine line = commandLine();
    int code = line.execute(args);
    line.getOut().flush();
    System.out.flush();
    if (output.failure() != null) { // a full disk is no success
      if (!output.readerLeft()) {
        System.err.println("octet: cannot write to standard output: " + output.failure());
      }
      code = code == 0 ? NO : code;
    }
    System.exit(code);
  }

  /** The command, to be executed. */
  static CommandLine commandLine() {
    OctetCommand root = new OctetCommand();
    CommandLine line = new CommandLine(root);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.getSubcommands().get("generate-completion").getCommandSpec().usageMessage().hidden(false);
    line.registerConverter(Path.class, UsageErrors::path);
    line.setParameterExceptionHandler(new UsageErrors());
    line.setExecutionExceptionHandler(new IExecutionExceptionHandler() {
      @Override
      public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        return root.explain(failure, command);
      }
    });
    return line;
  }

  private int explain(Exception failure, CommandLine command) {
    // A parameter that only the work could find wrong, a file, or a machine: not for a stack trace.
    boolean expected = failure instanceof MalformedFileException || failure instanceof UncheckedIOException
        || failure instanceof IllegalArgumentException || failure instanceof UnsupportedOperationException;
    command.getErr().println(
        command.getColorScheme().errorText("octet: " + Plain.text(String.valueOf(failure.getMessage()))));
    if (!expected && !stacktrace) {
      command.getErr().println("octet: this is a defect (" + failure.getClass().getName()
          + "); please report it with what --stacktrace prints");
    }
    if (stacktrace) {
      failure.printStackTrace(command.getErr());
    }
    return expected ? NO : DEFECT;
  }

  /** The version of the jar. */
  static String version() {
    String version = OctetCommand.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  /** What --version prints. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[]{"octet " + version(), "Java " + Runtime.version()};
    }
  }
}

package dev.octet.llama;

import dev.octet.Engine;
import dev.octet.Octet;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Continues a sequence of tokens, each time with the one of the highest score. */
@Command(name = "llama", mixinStandardHelpOptions = true, description = "Continues a sequence of tokens by a Llama in a GGUF file.")
public final class LlamaMain implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "a GGUF file")
  private Path model;

  @Parameters(index = "1", paramLabel = "IDS", split = ",", description = "the numbers of the tokens to begin with, such as 1,15043,3186")
  private int[] tokens;

  @Option(names = "--generate", defaultValue = "32", description = "how many tokens follow (default: ${DEFAULT-VALUE})")
  private int count;

  @Option(names = "--threads", description = "threads of a product (default: one for each processor)")
  private Integer threads;

  @Option(names = "--engine", description = "one of ${COMPLETION-CANDIDATES} (default: the fastest)")
  private Engine engine;

  @Option(names = "--packed", paramLabel = "FOLDER", description = "keeps packed weights here, which later starts map")
  private Path packed;

  /**
   * Runs the program.
   *
   * @param args see --help
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new LlamaMain()).setExecutionExceptionHandler((failure, command, parsed) -> {
      command.getErr().println("llama: " + failure.getMessage());
      return 1;
    }).execute(args));
  }

  @Override
  public Integer call() {
    Octet.Builder builder = Octet.builder().engine(engine);
    if (threads != null) {
      builder.threads(threads);
    }
    try (Octet octet = builder.open();
        LlamaModel llama = LlamaModel.open(model, octet, packed);
        LlamaContext context = new LlamaContext(llama,
            Math.min(llama.shape().context(), tokens.length + Math.max(count, 1) - 1))) {
      int[] next = {LlamaContext.best(context.run(tokens, 0, tokens.length))};
      for (int i = 0; i < count; i++) {
        System.out.println(next[0]);
        if (i + 1 < count) {
          next[0] = LlamaContext.best(context.run(next, 0, 1));
        }
      }
    }
    return 0;
  }
}

package dev.octet.quantize.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Outputs that the next reading of a model's folder would take for a part of the model, or that would replace
 * weights beside it.
 */
final class FolderParts {
  private FolderParts() {}

  /**
   * Refuses an output in the folder of an input that is named like a part of the model there, and one that
   * would replace weights beside a ModelSlim model: weights that Octet wrote there are no input, since they
   * are passed over when the folder is read, but are as little to be lost.
   *
   * @param operand what the output is called, for the message
   * @param output the output, for the message
   * @param target the file that is written, behind all links
   * @param inputs files and folders that are read
   * @throws IllegalArgumentException if the folder would no longer be read as it is now, or weights in a
   *         ModelSlim folder be replaced
   * @throws IOException if the folders cannot be compared
   */
  static void refuse(String operand, Path output, Path target, List<Path> inputs) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !hasInput(folder, inputs)) {
      return;
    }
    String part = part(target, folder);
    if (part != null) {
      throw new IllegalArgumentException(operand + ": " + output + " has the name of " + part
          + " of the model in its folder and would be read as a part of it; choose another name or folder");
    }
    if (ModelSlimFolder.isIn(folder) && target.getFileName().toString().endsWith(".safetensors")
        && Files.exists(target)) {
      throw new IllegalArgumentException(operand + ": " + output
          + " is there already, and no weights in a folder of ModelSlim are replaced; remove the file, or"
          + " choose another name or folder");
    }
  }

  private static boolean hasInput(Path folder, List<Path> inputs) throws IOException {
    for (Path input : inputs) {
      Path its = Files.isDirectory(input) ? input : input.toAbsolutePath().getParent();
      if (its != null && Files.isDirectory(its) && Files.isSameFile(its, folder)) {
        return true;
      }
    }
    return false;
  }

  /** What the name of the output means in the folder; null if nothing. */
  private static String part(Path output, Path folder) throws IOException {
    boolean described = ModelSlimFolder.isIn(folder);
    List<Path> indices = SafetensorsIndex.in(folder);
    if (!described && indices.isEmpty()) {
      return null;
    }
    if (ModelSlimFolder.isDescription(output)) {
      return "a description";
    }
    if (SafetensorsIndex.isIndex(output)) {
      return "an index";
    }
    if (described && ModelSlimFolder.isWeights(output)) {
      return "the weights";
    }
    for (Path index : indices) {
      if (isShard(output.getFileName().toString(), index)) {
        return "a file of " + index.getFileName();
      }
    }
    return null;
  }

  private static boolean isShard(String name, Path index) throws IOException {
    try {
      SafetensorsIndex read = SafetensorsIndex.parse(SafetensorsIndex.text(index));
      return read.files().containsValue(name) || read.isNumberedAlike(name);
    } catch (IllegalArgumentException e) {
      return false; // no index, which reading the folder tells
    }
  }
}

package dev.octet.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A reader that is given bytes of every kind. A target has a constructor without parameters. */
public interface FuzzTarget {
  /**
   * Valid inputs that mutations begin with.
   *
   * @param folder for files, the target's own
   * @throws IOException if a file cannot be made
   */
  List<byte[]> seeds(Path folder) throws IOException;

  /**
   * Reads an input as a user would, to the end. Returns where it was read, and where it was refused in a
   * documented way; throws whatever else happened.
   *
   * @param input the bytes
   * @param folder for files, the target's own
   * @throws IOException if the input cannot be put into the folder
   */
  void run(byte[] input, Path folder) throws IOException;
}

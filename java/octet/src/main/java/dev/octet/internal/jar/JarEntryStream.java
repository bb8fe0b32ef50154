package dev.octet.internal.jar;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads a resource that a class loader found. Java's own connection takes the first "!/" of a URL for the end
 * of the jar's path: with a jar in a folder whose name ends in "!" it looks for another file.
 */
public final class JarEntryStream extends FilterInputStream {
  private final ZipFile jar;

  private JarEntryStream(ZipFile jar, InputStream entry) {
    super(entry);
    this.jar = jar;
  }

  /**
   * Opens a resource, past the JVM's cache of open jars, which would hand out a jar that was replaced
   * meanwhile.
   *
   * @param url where the class loader found it
   * @param resource its name, as the class loader knows it
   * @return its bytes, to be closed
   * @throws IOException if they cannot be read
   */
  public static InputStream open(URL url, String resource) throws IOException {
    String text = url.toString();
    String end = "!/" + resource;
    Path file = text.startsWith("jar:file:") && text.endsWith(end)
        ? Path.of(URI.create(text.substring("jar:".length(), text.length() - end.length())))
        : null;
    // no file: a class loader of its own kind, such as one that has jars in a jar, which only it can read
    if (file == null || !Files.isRegularFile(file)) {
      URLConnection connection = url.openConnection();
      connection.setUseCaches(false);
      return connection.getInputStream();
    }
    ZipFile jar = new ZipFile(file.toFile());
    try {
      ZipEntry entry = jar.getEntry(resource);
      if (entry == null) {
        throw new IOException("no entry " + resource);
      }
      return new JarEntryStream(jar, jar.getInputStream(entry));
    } catch (IOException | RuntimeException e) {
      jar.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    jar.close(); // and with it the entry's stream
  }
}

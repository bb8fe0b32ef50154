package dev.octet.internal.ffm;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads a resource that a class loader found. Java's own connection takes the first "!/" of a URL for the end
 * of the jar's path: with a jar in a folder whose name ends in "!" it looks for another file.
 */
final class JarEntryStream extends FilterInputStream {
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
   */
  static InputStream open(URL url, String resource) throws IOException {
    String text = url.toString();
    String end = "!/" + resource;
    if (!text.startsWith("jar:file:") || !text.endsWith(end)) {
      URLConnection connection = url.openConnection();
      connection.setUseCaches(false);
      return connection.getInputStream();
    }
    Path file = Path.of(URI.create(text.substring("jar:".length(), text.length() - end.length())));
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

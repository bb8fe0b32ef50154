package dev.octet.internal.jar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import org.junit.jupiter.api.Test;

class JarEntryStreamTest {
  private static final byte[] CONTENT = {1, 2, 3};

  /** Reads what no file is, as class loaders of jars within a jar do. */
  private static final class Nested extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public InputStream getInputStream() {
          return new ByteArrayInputStream(CONTENT);
        }
      };
    }
  }

  @Test
  void aJarWithinAJarIsLeftToItsClassLoader() throws IOException {
    URL url = URL.of(URI.create("jar:file:/app.jar!/BOOT-INF/lib/octet.jar!/a/b.so"), new Nested());
    try (InputStream in = JarEntryStream.open(url, "a/b.so")) {
      assertArrayEquals(CONTENT, in.readAllBytes());
    }
  }
}

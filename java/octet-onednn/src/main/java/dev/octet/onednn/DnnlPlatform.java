package dev.octet.onednn;

import dev.octet.internal.ffm.LibraryCache.Bundle;
import dev.octet.internal.ffm.LibraryCache.Check;
import dev.octet.internal.ffm.LibraryCache.Content;
import dev.octet.internal.ffm.LibraryUnavailableException;
import dev.octet.internal.ffm.Platform;
import java.util.List;

/**
 * What oneDNN is on a platform.
 *
 * @param platform the platform
 * @param file the name of the library's file
 * @param bundle what is taken from the jar org.bytedeco:dnnl of the platform; null: there is one that is not
 *        used, or none
 * @param openMp the file name of the library that has OpenMP's functions; null: oneDNN's own handle finds
 *        them, as dlsym looks into the libraries that a library depends on and GetProcAddress does not
 */
record DnnlPlatform(Platform platform, String file, Bundle bundle, String openMp) {
  /** Of org.bytedeco:dnnl. */
  private static final String VERSION = "3.13-1.5.14";

  private static final String ARCH = "x86_64";
  private static final String LINUX_FILE = "libdnnl.so.3";
  private static final String WINDOWS_FILE = "dnnl.dll";

  /**
   * The platform of this JVM.
   *
   * @throws LibraryUnavailableException if oneDNN is not offered on it
   */
  static DnnlPlatform current() {
    return of(Platform.current());
  }

  /** The same for any platform. */
  static DnnlPlatform of(Platform platform) {
    if (!platform.arch().equals(ARCH)) {
      throw new LibraryUnavailableException("oneDNN is not offered on " + platform
          + ": its 8-bit products are proven exact with VNNI or AMX only, which are of x86-64; -D"
          + DnnlLibrary.PATH + "=DIR does not change that", null);
    }
    return switch (platform.os()) {
      case "linux" -> new DnnlPlatform(platform, LINUX_FILE, bundle(
          content(platform, "libgomp.so.1",
              "d46f9225c1883039e8a6853e6d96ca1af11d034ce186a090952e4a7c8a7c2fdc",
              Check.AT_EVERY_START),
          content(platform, LINUX_FILE, "3610657c35381b06694034b677cf73f28086495aba51ecf0cfb5b6511652a443",
              Check.BY_STAMP)),
          null);
      case Platform.WINDOWS -> new DnnlPlatform(platform, WINDOWS_FILE, bundle(
          content(platform, WINDOWS_FILE, "16e4301399559512c76627b1a5c3701c61be3f3dc7db039b7612385c2d563248",
              Check.BY_STAMP)),
          "vcomp140.dll");
      case Platform.MACOS -> new DnnlPlatform(platform, "libdnnl.3.dylib", null, null);
      default -> new DnnlPlatform(platform, LINUX_FILE, null, null);
    };
  }

  private static Bundle bundle(Content... files) {
    return new Bundle("onednn", VERSION, List.of(files));
  }

  /** The folders of the jars are named as Octet names the platforms. */
  private static Content content(Platform platform, String file, String sha256, Check check) {
    return new Content("org/bytedeco/dnnl/" + platform + "/" + file, sha256, check);
  }

  /** The jar that holds the bundle, as build tools name it. */
  String artifact() {
    return "org.bytedeco:dnnl:" + VERSION + ":" + platform;
  }

  /** Why nothing is unpacked where there is no bundle. */
  LibraryUnavailableException notPackaged() {
    return new LibraryUnavailableException("no packaged oneDNN is used on " + platform
        + ": its 8-bit products are proven exact with VNNI or AMX only, on Linux and Windows; -D"
        + DnnlLibrary.PATH + "=DIR names a directory with a " + file + " of your own", null);
  }

  /**
   * What to add to the reason why a library could not be loaded: Windows does not say which dependency is
   * missing, and the jar holds none.
   */
  String advice() {
    return platform.os().equals(Platform.WINDOWS)
        ? "; it needs vcomp140.dll, msvcp140.dll and vcruntime140.dll of the Microsoft Visual C++ "
            + "Redistributable for x64 (vc_redist.x64.exe): is that installed?"
        : "";
  }

  /**
   * Whether OpenMP's thread count is known to belong to the calling thread, as in libgomp. Were it the
   * process's, a thread that put it back would put it back for those that still compute.
   */
  boolean countsByThread() {
    return openMp == null;
  }
}

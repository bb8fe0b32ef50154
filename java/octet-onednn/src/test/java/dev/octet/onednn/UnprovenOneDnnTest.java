package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Engine ONEDNN on other systems: in children that believe to be there, with the library of this machine
 * under the names that it has there.
 */
class UnprovenOneDnnTest {
  private static final String ALLOWED = "-Doctet.native.unproven=true";

  @TempDir
  private Path temp;

  /** A product in whole numbers and one with oneDNN's own epilogue, {@code 32 * 1 * 1} in each element. */
  static final class Program {
    private static final int K = 32;
    private static final int N = 16;

    private Program() {}

    public static void main(String[] args) {
      try (Octet octet = Octet.builder().threads(1).open()) {
        EngineStatus status = octet.engines().stream().filter(s -> s.engine() == Engine.ONEDNN).findFirst()
            .orElseThrow();
        System.out.println("available " + status.available() + "; " + status.detail());
        if (!status.available()) {
          return;
        }
      }
      try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(1).open()) {
        int before = Dnnl.threads();
        run("exact", octet, false);
        run("fused", octet, true);
        System.out
            .println("threads " + (Dnnl.threads() == 1 ? "1" : "as before " + (Dnnl.threads() == before)));
      }
    }

    private static void run(String what, Octet octet, boolean inexact) {
      Quantization one = Quantization.perTensor(1);
      byte[] ones = new byte[K * N];
      Arrays.fill(ones, (byte) 1);
      MatMul.Builder builder = octet.matMul().input(DataType.U8, Quantization.perTensor(1, 0))
          .weights(QTensor.of(DataType.S8, Shape.of(K, N), one, ones), WeightLayout.IN_OUT)
          .output(DataType.S8, one);
      if (inexact) {
        builder.allowInexactEpilogue();
      }
      byte[] y = new byte[N];
      try (MatMul layer = builder.prepare()) {
        for (int i = 0; i < 2; i++) {
          layer.run(MemorySegment.ofArray(Arrays.copyOf(ones, K)), MemorySegment.ofArray(y), 1);
        }
        System.out.println(what + " " + layer.exact() + " " + y[0] + " " + y[N - 1]);
      } catch (IllegalStateException e) {
        System.out.println(what + " " + e.getMessage());
      }
    }
  }

  /** The library and OpenMP under the names of Windows, as a build of somebody's own. */
  @BeforeEach
  void link() throws IOException {
    Path unpacked = DnnlLibrary.directory(System.getProperty(DnnlLibrary.PATH));
    Files.createSymbolicLink(temp.resolve("dnnl.dll"), unpacked.resolve("libdnnl.so.3"));
    Files.createSymbolicLink(temp.resolve("vcomp140.dll"), unpacked.resolve("libgomp.so.1"));
  }

  private List<String> lines(String osName, String... options) {
    List<String> all = new ArrayList<>(
        List.of("-Dos.name=" + osName, "-Doctet.cache=" + temp.resolve("cache"),
            "-Doctet.onednn.split=true"));
    all.addAll(List.of(options));
    ChildJvm.Result result = ChildJvm
        .of(Program.class, all, List.of(Octet.class, OneDnnProvider.class)).run();
    assertEquals(0, result.exit(), result.output());
    // The JVM warns of a file that is no ELF.
    return result.output().lines().dropWhile(line -> !line.startsWith("available")).toList();
  }

  private List<String> windows(String... options) {
    List<String> all = new ArrayList<>(List.of("-Doctet.onednn.path=" + temp));
    all.addAll(List.of(options));
    return lines("Windows 11", all.toArray(String[]::new));
  }

  private static void assertStarts(String start, String line) {
    assertTrue(line.startsWith(start), "expected \"" + start + "\", got: " + line);
  }

  @Test
  void onWindowsThePropertyHasToAllowIt() {
    String refusal = "available false; no JVM has run oneDNN on windows-x86_64 yet: " + ALLOWED;
    assertStarts(refusal, windows().getFirst());
    assertStarts(refusal, lines("Windows 11").getFirst());
  }

  @Test
  void onWindowsItRunsHeldToScalarOnOneThreadOfOpenMp() {
    List<String> lines = windows(ALLOWED);
    assertStarts("available true; oneDNN 3.", lines.getFirst());
    assertTrue(
        lines.getFirst().contains("each kernel held to SCALAR at its first use: no JVM has run them on "
            + "windows-x86_64 yet"),
        lines.getFirst());
    assertEquals(List.of("exact true 32 32", "fused false 32 32", "threads 1"), lines.subList(1, 4));
  }

  @Test
  void onWindowsTheJarIsNamedWhereItIsMissing() {
    assertEquals(
        "available false; org/bytedeco/dnnl/windows-x86_64/dnnl.dll is not on the class path: add the "
            + "jar that holds it, org.bytedeco:dnnl:3.13-1.5.14:windows-x86_64",
        lines("Windows 11", ALLOWED).getFirst());
  }

  @Test
  void onWindowsTheRedistributableIsNamedWhereALibraryDoesNotLoad() throws IOException {
    Files.delete(temp.resolve("dnnl.dll"));
    assertStarts("available false; no dnnl.dll in " + temp, windows(ALLOWED).getFirst());
    Files.write(temp.resolve("dnnl.dll"), "no DLL".repeat(100).getBytes(StandardCharsets.UTF_8));
    String line = windows(ALLOWED).getFirst();
    assertStarts("available false; cannot load " + temp.resolve("dnnl.dll"), line);
    assertTrue(line.contains("it needs vcomp140.dll, msvcp140.dll and vcruntime140.dll"), line);
  }

  @Test
  void onWindowsOpenMpIsLookedUpByItsName() throws IOException {
    Files.delete(temp.resolve("vcomp140.dll"));
    assertStarts("available false; vcomp140.dll is neither loaded nor found by the system; it needs",
        windows(ALLOWED).getFirst());
  }

  @Test
  void onMacOsOnlyALibraryOfOnesOwnIsTaken() throws IOException {
    assertEquals("available false; no packaged oneDNN is used on macos-x86_64: its 8-bit products are proven "
        + "exact with VNNI or AMX only, on Linux and Windows; -Doctet.onednn.path=DIR names a directory with a "
        + "libdnnl.3.dylib of your own", lines("Mac OS X", ALLOWED).getFirst());
    String named = "-Doctet.onednn.path=" + temp;
    assertStarts("available false; no JVM has run oneDNN on macos-x86_64 yet",
        lines("Mac OS X", named).getFirst());
    assertStarts("available false; no libdnnl.3.dylib in " + temp,
        lines("Mac OS X", named, ALLOWED).getFirst());
    Files.move(temp.resolve("dnnl.dll"), temp.resolve("libdnnl.3.dylib"));
    assertEquals(List.of("exact true 32 32", "fused false 32 32"),
        lines("Mac OS X", named, ALLOWED).subList(1, 3));
  }

  /** Nothing native is allowed: the linker of a JVM that believes to be on Arm ends the process. */
  @Test
  void onArmALibraryOfOnesOwnIsNotTakenEither() {
    assertStarts("available false; oneDNN is not offered on linux-aarch64: ",
        lines("Linux", "-Dos.arch=aarch64", "-Doctet.onednn.path=" + temp).getFirst());
  }

  @Test
  void aProductThatIsOffByOneIsWrongUnlessItsEpilogueIsOneDnnsOwn() throws Exception {
    breakProducts(1);
    List<String> lines = windows(ALLOWED);
    assertStarts("exact engine ONEDNN is wrong on windows-x86_64: onednn:", lines.get(1));
    assertEquals("fused false 33 32", lines.get(2));
  }

  @Test
  void anEpilogueOfOneDnnsThatIsOffByTwoIsWrong() throws Exception {
    breakProducts(2);
    String line = windows(ALLOWED).get(2);
    assertStarts("fused engine ONEDNN is wrong on windows-x86_64: onednn:", line);
    assertTrue(line.contains("byte 0 is 34 and not 32 as SCALAR has it"), line);
  }

  /** A library before oneDNN that adds to the first byte of every product. */
  private void breakProducts(int error) throws IOException, InterruptedException {
    Path real = Files.readSymbolicLink(temp.resolve("dnnl.dll"));
    Files.delete(temp.resolve("dnnl.dll"));
    Path source = Files.writeString(temp.resolve("broken.c"), """
        #include <dlfcn.h>
        struct argument { int index; void *memory; };
        int dnnl_memory_get_data_handle(const void *, void **);
        int dnnl_primitive_execute(const void *p, void *s, int n, const struct argument *a) {
          int (*real)(const void *, void *, int, const struct argument *) =
              (int (*)(const void *, void *, int, const struct argument *))
              dlsym(RTLD_NEXT, "dnnl_primitive_execute");
          int status = real(p, s, n, a), product = 0;
          for (int i = 0; i < n; i++) product |= a[i].index == 33;
          for (int i = 0; i < n && product; i++) {
            if (a[i].index == 17) {
              void *bytes;
              dnnl_memory_get_data_handle(a[i].memory, &bytes);
              *(char *)bytes += ERROR;
            }
          }
          return status;
        }
        """);
    boolean compiled;
    try {
      compiled = new ProcessBuilder("cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-DERROR=" + error, "-o",
          temp.resolve("dnnl.dll").toString(), source.toString(), real.toString(),
          "-Wl,-rpath," + real.getParent()).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      compiled = false;
    }
    assumeTrue(compiled, "skipped, no C compiler");
  }
}

package dev.octet.internal.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A vector that crosses a call which C2 has not inlined is an object. C2 inlines a method that it believes to
 * be called rarely only up to {@code MaxInlineSize} bytes of code, so whatever takes or gives a vector is
 * kept below. Found by 192 bytes of garbage per pixel of a pooling: after some hundred other tests C2 took
 * {@code Lanes.store}, of 64 bytes then, for rarely called.
 */
class VectorHelpersTest {
  private static final int MAX_INLINE_SIZE = 35;
  private static final String VECTOR = "Ljdk/incubator/vector/";

  @Test
  void whatTakesOrGivesVectorsIsSmallEnoughToBeInlinedAnywhere() throws IOException {
    List<String> large = new ArrayList<>();
    int helpers = 0;
    for (JavaClass type : new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages("dev.octet.internal.vector.simd")) {
      for (MethodModel method : read(type).methods()) {
        String name = method.methodName().stringValue();
        if (method.methodType().stringValue().contains(VECTOR) && !name.startsWith("lambda$")) {
          helpers++;
          int size = method.findAttribute(Attributes.code())
              .map(CodeAttribute::codeLength).orElse(0);
          if (size > MAX_INLINE_SIZE) {
            large.add(type.getSimpleName() + "." + name + ": " + size + " bytes");
          }
        }
      }
    }
    assertTrue(helpers > 5, "found " + helpers);
    assertEquals(List.of(), large);
  }

  private static ClassModel read(JavaClass type) throws IOException {
    try (InputStream in = type.getSource().orElseThrow().getUri().toURL().openStream()) {
      return ClassFile.of().parse(in.readAllBytes());
    }
  }
}

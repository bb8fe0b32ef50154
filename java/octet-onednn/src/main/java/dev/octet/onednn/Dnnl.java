package dev.octet.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The part of oneDNN's C API that Octet calls, one method a function, every status checked. Types, names and
 * numbers are those of oneapi/dnnl/dnnl.h, version 3. Touch this class only after {@link DnnlLibrary#get}: it
 * binds the library that was opened there.
 *
 * <p>
 * oneDNN is held to one thread: OpenMP's thread count belongs to the calling thread, oneDNN reads it when it
 * makes a primitive (convolution fixes it then) and when it runs one (matmul), and an OpenMP team below a JVM
 * waits milliseconds for any busy neighbour. So both are done with a count of 1, and the caller's count comes
 * back after; not on Windows, where the count may be the process's ({@link DnnlPlatform#countsByThread}).
 * oneDNN's stream is not waited for: on a CPU execution is over when the call returns.
 */
final class Dnnl {
  static final int F32 = 3;
  static final int S32 = 4;
  static final int S8 = 5;
  static final int U8 = 6;

  static final int TAG_ANY = 1;
  /** One dimension. */
  static final int TAG_A = 2;
  /** Two dimensions, row-major. */
  static final int TAG_AB = 3;
  /** Two dimensions, column-major. */
  static final int TAG_BA = 14;
  /** Activations of a convolution; the dimensions themselves are in the order N, C, H, W. */
  static final int TAG_NHWC = 22;
  /** Weights of a convolution without groups: memory H, W, I, O for the dimensions O, I, H, W. */
  static final int TAG_HWIO = 28;
  /** Weights of a convolution with groups: memory H, W, I, G, O for the dimensions G, O, I, H, W. */
  static final int TAG_HWIGO = 39;

  static final int ARG_SRC = 1;
  static final int ARG_DST = 17;
  static final int ARG_WEIGHTS = 33;
  static final int ARG_BIAS = 41;
  static final int ARG_SCRATCHPAD = 80;
  /** To be or-ed with the argument that the scales belong to. */
  static final int ARG_SCALES = 4096;
  /** To be or-ed with the argument that the zero points belong to. */
  static final int ARG_ZERO_POINTS = 8192;

  static final int QUERY_SRC = 129;
  static final int QUERY_WEIGHTS = 131;
  static final int QUERY_DST = 133;
  static final int QUERY_SCRATCHPAD = 136;

  /** min(max(x, alpha), beta). */
  static final int ELTWISE_CLIP = 46;

  private static final int QUERY_IMPLEMENTATION = 8;
  private static final int CPU = 1;
  private static final int DEFAULT_STREAM = 1;
  private static final int USER_SCRATCHPAD = 1;
  private static final int FORWARD_INFERENCE = 96;
  private static final int CONVOLUTION_DIRECT = 1;

  /** Bytes of a dnnl_exec_arg_t: an int and, 8 bytes after it, a pointer. */
  private static final long EXEC_ARG = 16;

  private static final NativeLibrary LIBRARY = DnnlLibrary.opened().symbols();

  private static final MethodHandle ENGINE_CREATE = status("dnnl_engine_create", ADDRESS, JAVA_INT,
      JAVA_LONG);
  private static final MethodHandle STREAM_CREATE = status("dnnl_stream_create", ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle STREAM_DESTROY = status("dnnl_stream_destroy", ADDRESS);
  private static final MethodHandle DESC_WITH_TAG = status("dnnl_memory_desc_create_with_tag", ADDRESS,
      JAVA_INT,
      ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle DESC_WITH_STRIDES = status("dnnl_memory_desc_create_with_strides",
      ADDRESS,
      JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle DESC_CLONE = status("dnnl_memory_desc_clone", ADDRESS, ADDRESS);
  private static final MethodHandle DESC_DESTROY = status("dnnl_memory_desc_destroy", ADDRESS);
  private static final MethodHandle DESC_EQUAL = LIBRARY.function("dnnl_memory_desc_equal",
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle DESC_SIZE = LIBRARY.function("dnnl_memory_desc_get_size",
      FunctionDescriptor.of(JAVA_LONG, ADDRESS));
  private static final MethodHandle MEMORY_CREATE = status("dnnl_memory_create", ADDRESS, ADDRESS, ADDRESS,
      JAVA_LONG);
  private static final MethodHandle MEMORY_DESTROY = status("dnnl_memory_destroy", ADDRESS);
  private static final MethodHandle MEMORY_SET_HANDLE = leaf("dnnl_memory_set_data_handle",
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle ATTR_CREATE = status("dnnl_primitive_attr_create", ADDRESS);
  private static final MethodHandle ATTR_DESTROY = status("dnnl_primitive_attr_destroy", ADDRESS);
  private static final MethodHandle ATTR_SCRATCHPAD = status("dnnl_primitive_attr_set_scratchpad_mode",
      ADDRESS,
      JAVA_INT);
  private static final MethodHandle ATTR_SCALES = status("dnnl_primitive_attr_set_scales_mask", ADDRESS,
      JAVA_INT,
      JAVA_INT);
  private static final MethodHandle ATTR_ZERO_POINTS = status("dnnl_primitive_attr_set_zero_points_mask",
      ADDRESS,
      JAVA_INT, JAVA_INT);
  private static final MethodHandle ATTR_POST_OPS = status("dnnl_primitive_attr_set_post_ops", ADDRESS,
      ADDRESS);
  private static final MethodHandle POST_OPS_CREATE = status("dnnl_post_ops_create", ADDRESS);
  private static final MethodHandle POST_OPS_DESTROY = status("dnnl_post_ops_destroy", ADDRESS);
  private static final MethodHandle POST_OPS_ELTWISE = status("dnnl_post_ops_append_eltwise", ADDRESS,
      JAVA_INT,
      JAVA_FLOAT, JAVA_FLOAT);
  private static final MethodHandle POST_OPS_SUM = status("dnnl_post_ops_append_sum", ADDRESS, JAVA_FLOAT,
      JAVA_INT,
      JAVA_INT);
  private static final MethodHandle MATMUL = status("dnnl_matmul_primitive_desc_create", ADDRESS, ADDRESS,
      ADDRESS,
      ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle CONVOLUTION = status("dnnl_convolution_forward_primitive_desc_create",
      ADDRESS,
      ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
      ADDRESS);
  private static final MethodHandle REORDER = status("dnnl_reorder_primitive_desc_create", ADDRESS, ADDRESS,
      ADDRESS,
      ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle PRIMITIVE_DESC_QUERY = status("dnnl_primitive_desc_query", ADDRESS,
      JAVA_INT,
      JAVA_INT, ADDRESS);
  private static final MethodHandle PRIMITIVE_DESC_QUERY_MD = LIBRARY.function("dnnl_primitive_desc_query_md",
      FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle PRIMITIVE_DESC_DESTROY = status("dnnl_primitive_desc_destroy", ADDRESS);
  private static final MethodHandle PRIMITIVE_CREATE = status("dnnl_primitive_create", ADDRESS, ADDRESS);
  private static final MethodHandle PRIMITIVE_DESTROY = status("dnnl_primitive_destroy", ADDRESS);
  /** With two pointers more than the C function has, see {@link #execute}. */
  private static final MethodHandle PRIMITIVE_EXECUTE = status("dnnl_primitive_execute", ADDRESS, ADDRESS,
      JAVA_INT,
      ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle CACHE_CAPACITY = status("dnnl_set_primitive_cache_capacity", JAVA_INT);
  private static final MethodHandle EFFECTIVE_ISA = LIBRARY.function("dnnl_get_effective_cpu_isa",
      FunctionDescriptor.of(JAVA_INT));

  /** Null: oneDNN runs on no OpenMP. Else the one that oneDNN uses, should the process have two. */
  private static final NativeLibrary OPEN_MP = DnnlLibrary.opened().openMp();
  private static final MethodHandle GET_THREADS = OPEN_MP != null
      ? OPEN_MP.leaf("omp_get_max_threads", FunctionDescriptor.of(JAVA_INT))
      : MethodHandles.constant(int.class, 1);
  private static final MethodHandle SET_THREADS = OPEN_MP != null
      ? OPEN_MP.leaf("omp_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT))
      : MethodHandles.empty(MethodType.methodType(void.class, int.class));

  /** Whether the caller's count comes back. */
  private static final boolean RESTORES_THREADS = DnnlLibrary.opened().platform().countsByThread();

  /** The CPU; as the library, it is there until the process ends. */
  private static final MemorySegment ENGINE = make("dnnl_engine_create", () -> "cpu, 0",
      out -> (int) ENGINE_CREATE.invokeExact(out, CPU, 0L));

  private Dnnl() {}

  /** A stream; a running call needs one of its own. */
  static Handle stream() {
    MemorySegment stream = make("dnnl_stream_create", () -> "cpu, default",
        out -> (int) STREAM_CREATE.invokeExact(out, ENGINE, DEFAULT_STREAM));
    return own(stream, "stream", "dnnl_stream_destroy",
        p -> (int) STREAM_DESTROY.invokeExact(p));
  }

  /** Describes a tensor in a format. */
  static Handle desc(int type, int tag, long... dims) {
    String text = typeName(type) + Arrays.toString(dims) + (tag == TAG_ANY ? " any format" : " tag " + tag);
    MemorySegment desc = make("dnnl_memory_desc_create_with_tag", () -> text,
        (out, arena) -> (int) DESC_WITH_TAG
            .invokeExact(out, dims.length, arena.allocateFrom(JAVA_LONG, dims), type, tag));
    return descHandle(desc, text);
  }

  /** Describes a tensor by its strides in elements. */
  static Handle stridedDesc(int type, long[] dims, long[] strides) {
    String text = typeName(type) + Arrays.toString(dims) + " strides " + Arrays.toString(strides);
    MemorySegment desc = make("dnnl_memory_desc_create_with_strides", () -> text,
        (out,
            arena) -> (int) DESC_WITH_STRIDES.invokeExact(out, dims.length,
                arena.allocateFrom(JAVA_LONG, dims),
                type, arena.allocateFrom(JAVA_LONG, strides)));
    return descHandle(desc, text);
  }

  /** What oneDNN wants an operand of a primitive to look like; a copy, so that it outlives the descriptor. */
  static Handle queryDesc(Handle primitiveDesc, int what) {
    MemorySegment inside = NativeLibrary.pointerOf(
        () -> (MemorySegment) PRIMITIVE_DESC_QUERY_MD.invokeExact(primitiveDesc.pointer(),
            what, 0));
    String text = "operand " + what + " of " + primitiveDesc;
    MemorySegment desc = make("dnnl_memory_desc_clone", () -> text,
        out -> (int) DESC_CLONE.invokeExact(out, inside));
    return descHandle(desc, text);
  }

  private static Handle descHandle(MemorySegment desc, String text) {
    return own(desc, text, "dnnl_memory_desc_destroy",
        p -> (int) DESC_DESTROY.invokeExact(p));
  }

  /** The memory that a described tensor takes, 0 for none. */
  static long size(Handle desc) {
    return NativeLibrary.longOf(() -> (long) DESC_SIZE.invokeExact(desc.pointer()));
  }

  /** Whether two descriptors describe the same. */
  static boolean equal(Handle a, Handle b) {
    return NativeLibrary.intOf(() -> (int) DESC_EQUAL.invokeExact(a.pointer(), b.pointer())) != 0;
  }

  /** A tensor in memory of ours; the address may be 0 and set later. */
  static Handle memory(Handle desc, long address) {
    MemorySegment memory = make("dnnl_memory_create", () -> desc.toString(),
        out -> (int) MEMORY_CREATE.invokeExact(out, desc.pointer(), ENGINE, address));
    return own(memory, "memory of " + desc, "dnnl_memory_destroy",
        p -> (int) MEMORY_DESTROY.invokeExact(p));
  }

  /** Points a tensor elsewhere. */
  static void setAddress(Handle memory, long address) {
    int status;
    try {
      status = (int) MEMORY_SET_HANDLE.invokeExact(memory.pointer(), address);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
    if (status != 0) {
      throw new DnnlException(status, "dnnl_memory_set_data_handle", memory + ", " + address);
    }
  }

  /** Attributes; the scratchpad is ours always, or a primitive could not move from thread to thread. */
  static Handle attributes() {
    MemorySegment attr = make("dnnl_primitive_attr_create", () -> "",
        out -> (int) ATTR_CREATE.invokeExact(out));
    Handle handle = own(attr, "attributes", "dnnl_primitive_attr_destroy",
        p -> (int) ATTR_DESTROY.invokeExact(p));
    check("dnnl_primitive_attr_set_scratchpad_mode", () -> "user",
        () -> (int) ATTR_SCRATCHPAD.invokeExact(handle.pointer(), USER_SCRATCHPAD));
    return handle;
  }

  /** Scales of an argument come with each execution; bit i of the mask: one for each index of dimension i. */
  static void setScales(Handle attributes, int argument, int mask) {
    check("dnnl_primitive_attr_set_scales_mask", () -> argument + ", " + mask,
        () -> (int) ATTR_SCALES.invokeExact(attributes.pointer(), argument, mask));
  }

  /** One zero point of an argument comes with each execution. */
  static void setZeroPoint(Handle attributes, int argument) {
    check("dnnl_primitive_attr_set_zero_points_mask", () -> argument + ", 0",
        () -> (int) ATTR_ZERO_POINTS.invokeExact(attributes.pointer(), argument, 0));
  }

  /** An element-wise operation on the result, before it is scaled and rounded. */
  static void appendEltwise(Handle postOps, int algorithm, float alpha, float beta) {
    check("dnnl_post_ops_append_eltwise", () -> algorithm + ", " + alpha + ", " + beta,
        () -> (int) POST_OPS_ELTWISE.invokeExact(postOps.pointer(), algorithm, alpha, beta));
  }

  /** The result is added to what the destination holds, as integers of 32 bits. */
  static void appendSum(Handle postOps) {
    check("dnnl_post_ops_append_sum", () -> "1, 0, s32",
        () -> (int) POST_OPS_SUM.invokeExact(postOps.pointer(), 1f, 0, S32));
  }

  /** An empty list of operations on the result. */
  static Handle postOps() {
    MemorySegment ops = make("dnnl_post_ops_create", () -> "", out -> (int) POST_OPS_CREATE.invokeExact(out));
    return own(ops, "post-ops", "dnnl_post_ops_destroy",
        p -> (int) POST_OPS_DESTROY.invokeExact(p));
  }

  /** Makes operations on the result part of attributes, which copy them. */
  static void setPostOps(Handle attributes, Handle postOps) {
    check("dnnl_primitive_attr_set_post_ops", () -> "",
        () -> (int) ATTR_POST_OPS.invokeExact(attributes.pointer(), postOps.pointer()));
  }

  /** A product; bias may be null. */
  static Handle matMul(Handle src, Handle weights, Handle bias, Handle dst, Handle attributes) {
    String text = src + " x " + weights + " -> " + dst + (bias == null ? "" : ", bias " + bias);
    MemorySegment desc = makeAlone("dnnl_matmul_primitive_desc_create", () -> text,
        (out, arena) -> (int) MATMUL.invokeExact(out,
            ENGINE, src.pointer(), weights.pointer(), pointer(bias), dst.pointer(), attributes.pointer()));
    return primitiveDescHandle(desc, "matmul " + text);
  }

  /** A convolution; bias may be null; a dilation of 0 means adjacent taps; padding before and after. */
  static Handle convolution(Handle src, Handle weights, Handle bias, Handle dst, long[] strides,
      long[] dilations,
      long[] before, long[] after, Handle attributes) {
    String text = src + " * " + weights + " -> " + dst + (bias == null ? "" : ", bias " + bias) + ", strides "
        + Arrays.toString(strides) + ", dilations " + Arrays.toString(dilations) + ", padding "
        + Arrays.toString(before) + Arrays.toString(after);
    MemorySegment desc = makeAlone("dnnl_convolution_forward_primitive_desc_create", () -> text,
        (out, arena) -> (int) CONVOLUTION.invokeExact(out, ENGINE, FORWARD_INFERENCE, CONVOLUTION_DIRECT,
            src.pointer(), weights.pointer(), pointer(bias), dst.pointer(),
            arena.allocateFrom(JAVA_LONG, strides),
            arena.allocateFrom(JAVA_LONG, dilations), arena.allocateFrom(JAVA_LONG, before),
            arena.allocateFrom(JAVA_LONG, after), attributes.pointer()));
    return primitiveDescHandle(desc, "convolution " + text);
  }

  /** A copy from one format to another. */
  static Handle reorder(Handle from, Handle to, Handle attributes) {
    String text = from + " -> " + to;
    MemorySegment desc = makeAlone("dnnl_reorder_primitive_desc_create", () -> text,
        (out, arena) -> (int) REORDER.invokeExact(out,
            from.pointer(), ENGINE, to.pointer(), ENGINE, attributes.pointer()));
    return primitiveDescHandle(desc, "reorder " + text);
  }

  private static Handle primitiveDescHandle(MemorySegment desc, String text) {
    return own(desc, text, "dnnl_primitive_desc_destroy",
        p -> (int) PRIMITIVE_DESC_DESTROY.invokeExact(p));
  }

  /** The name of the implementation that oneDNN chose. */
  static String implementation(Handle primitiveDesc) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check("dnnl_primitive_desc_query", () -> primitiveDesc + ", impl_info_str",
          () -> (int) PRIMITIVE_DESC_QUERY.invokeExact(primitiveDesc.pointer(), QUERY_IMPLEMENTATION, 0,
              out));
      return NativeLibrary.text(out.get(ADDRESS, 0));
    }
  }

  /** Makes a primitive: oneDNN generates its code here, unless it has it cached. */
  static Handle primitive(Handle primitiveDesc) {
    MemorySegment primitive = makeAlone("dnnl_primitive_create", () -> primitiveDesc.toString(),
        (out, arena) -> (int) PRIMITIVE_CREATE.invokeExact(out, primitiveDesc.pointer()));
    return own(primitive, primitiveDesc.toString(), "dnnl_primitive_destroy",
        p -> (int) PRIMITIVE_DESTROY.invokeExact(p));
  }

  /** The bytes that {@link #setArgument} needs for so many arguments. */
  static long argumentBytes(int arguments) {
    return EXEC_ARG * arguments;
  }

  /** Writes one entry of the arguments of {@link #execute}. */
  static void setArgument(MemorySegment arguments, int index, int argument, Handle memory) {
    arguments.set(ValueLayout.JAVA_INT, EXEC_ARG * index, argument);
    arguments.set(ADDRESS, EXEC_ARG * index + 8, memory.pointer());
  }

  /**
   * Runs a primitive on the calling thread, and nowhere else.
   *
   * <p>
   * The memory objects in the arguments hold addresses, which keep nothing alive. Segments of the caller
   * whose arena another thread could close, or the garbage collector, are passed along as two pointers that
   * the C function does not have: the linker holds the scope of a segment that it passes for the length of
   * the call, and an extra argument lies in a register or on the stack of the caller, where nobody reads it,
   * in every calling convention that Java has a linker for. Whoever has nothing to keep alive passes
   * {@link MemorySegment#NULL}.
   *
   * @param primitive what {@link #primitive} made
   * @param stream a stream that no other thread uses meanwhile
   * @param count the number of arguments
   * @param arguments what {@link #setArgument} wrote
   * @param keep a native segment that the calling thread may access
   * @param keepToo another one
   */
  static void execute(Handle primitive, Handle stream, int count, MemorySegment arguments, MemorySegment keep,
      MemorySegment keepToo) {
    int status;
    try {
      int threads = (int) GET_THREADS.invokeExact();
      if (threads != 1) {
        SET_THREADS.invokeExact(1);
      }
      try {
        status = (int) PRIMITIVE_EXECUTE.invokeExact(primitive.pointer(), stream.pointer(), count, arguments,
            keep, keepToo);
      } finally {
        if (threads != 1 && RESTORES_THREADS) {
          SET_THREADS.invokeExact(threads);
        }
      }
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
    if (status != 0) {
      throw new DnnlException(status, "dnnl_primitive_execute", primitive.toString());
    }
  }

  /** Bounds oneDNN's cache of primitives, which is one for the process. */
  static void setPrimitiveCacheCapacity(int primitives) {
    check("dnnl_set_primitive_cache_capacity", () -> "" + primitives,
        () -> (int) CACHE_CAPACITY.invokeExact(primitives));
  }

  /** The instruction set that oneDNN uses, as the CPU has it and ONEDNN_MAX_CPU_ISA lowers it. */
  static String isa() {
    int isa = NativeLibrary.intOf(() -> (int) EFFECTIVE_ISA.invokeExact());
    return switch (isa) {
      case 0x1 -> "sse41";
      case 0x3 -> "avx";
      case 0x7 -> "avx2";
      case 0xf -> "avx2_vnni";
      case 0x1f -> "avx2_vnni_2";
      case 0x27 -> "avx512_core";
      case 0x67 -> "avx512_core_vnni";
      case 0xe7 -> "avx512_core_bf16";
      case 0x1ef -> "avx10_1_512";
      case 0xfef -> "avx10_1_512_amx";
      case 0x1fef -> "avx10_1_512_amx_fp16";
      case 0x201ff -> "avx10_2";
      case 0x22fff -> "avx10_2_amx_2";
      default -> "isa 0x" + Integer.toHexString(isa);
    };
  }

  /** The OpenMP thread count of the calling thread, for tests. */
  static int threads() {
    return NativeLibrary.intOf(() -> (int) GET_THREADS.invokeExact());
  }

  /** Sets the OpenMP thread count of the calling thread, for tests. */
  static void setThreads(int threads) {
    NativeLibrary.call(() -> {
      SET_THREADS.invokeExact(threads);
    });
  }

  /** A downcall that destroys what a pointer points to. */
  @FunctionalInterface
  private interface Destroy {
    int run(MemorySegment pointer) throws Throwable;
  }

  /** A downcall that writes a pointer. */
  @FunctionalInterface
  private interface Maker {
    int run(MemorySegment out) throws Throwable;
  }

  /** A downcall that writes a pointer and needs temporary memory. */
  @FunctionalInterface
  private interface ScratchMaker {
    int run(MemorySegment out, Arena arena) throws Throwable;
  }

  private static MethodHandle status(String function, MemoryLayout... arguments) {
    return LIBRARY.function(function, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /**
   * For functions that return within nanoseconds: without telling the JVM that the thread is in native code.
   */
  private static MethodHandle leaf(String function, FunctionDescriptor type) {
    return LIBRARY.leaf(function, type);
  }

  private static MemorySegment pointer(Handle orNull) {
    return orNull == null ? MemorySegment.NULL : orNull.pointer();
  }

  private static MemorySegment make(String function, Supplier<String> arguments, Maker maker) {
    return make(function, arguments, (out, arena) -> maker.run(out));
  }

  private static MemorySegment make(String function, Supplier<String> arguments, ScratchMaker maker) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check(function, arguments, () -> maker.run(out, arena));
      return out.get(ADDRESS, 0);
    }
  }

  /** What oneDNN made for us; the lambda names a constant handle, which the JIT compiler can inline. */
  private static Handle own(MemorySegment pointer, String text, String function, Destroy destroy) {
    return new Handle(pointer, text, h -> check(function, h::toString, () -> destroy.run(h.pointer())));
  }

  /** The one status check of everything that is not on the way of a run. */
  private static void check(String function, Supplier<String> arguments, NativeLibrary.IntCall call) {
    int status = NativeLibrary.intOf(call);
    if (status != 0) {
      throw new DnnlException(status, function, arguments.get());
    }
  }

  /** The same as {@link #make} where oneDNN decides how many threads it will use. */
  private static MemorySegment makeAlone(String function, Supplier<String> arguments, ScratchMaker maker) {
    int threads = threads();
    if (threads == 1) {
      return make(function, arguments, maker);
    }
    setThreads(1);
    try {
      return make(function, arguments, maker);
    } finally {
      if (RESTORES_THREADS) {
        setThreads(threads);
      }
    }
  }

  private static String typeName(int type) {
    return switch (type) {
      case F32 -> "f32";
      case S32 -> "s32";
      case S8 -> "s8";
      case U8 -> "u8";
      default -> throw new AssertionError(type);
    };
  }
}

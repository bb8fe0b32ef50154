/**
 * Engine NATIVE: liboctet, Octet's own C kernels, and the instruction set tier of this machine.
 *
 * <p>
 * An op is a plan, a struct of octet.h with its tables behind it, written in prepare() by a
 * {@link dev.octet.internal.liboctet.PlanWriter}, and one C function that reads it. {@code XyzFunctions} bind
 * the functions of a family, one place for each C type; {@code NativeXyz} fill the plan of an op.
 * {@link dev.octet.internal.liboctet.RowKernel} (rows times fixed weights) and
 * {@link dev.octet.internal.liboctet.StreamKernel} (element by element) know how a call gets to C: at once,
 * over native memory, or in tiles for several threads and for heap memory.
 *
 * <p>
 * Kernels do not look at lifetimes: native memory of ours is freed when nobody runs an op any more, memory of
 * the caller is held by the linker for the length of a downcall.
 */
package dev.octet.internal.liboctet;

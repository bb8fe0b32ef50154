/**
 * Engine ONEDNN: quantized products and convolution on oneDNN, through the Foreign Function and Memory API.
 *
 * <p>
 * From the library up: {@link dev.octet.onednn.DnnlLibrary} finds and opens it, {@link dev.octet.onednn.Dnnl}
 * binds its C functions, {@link dev.octet.onednn.Handle} owns what it makes;
 * {@link dev.octet.onednn.Primitive} is something compiled, {@link dev.octet.onednn.Execution} the arguments
 * of one thread at a time, {@link dev.octet.onednn.Runner} both for any number of threads.
 * {@link dev.octet.onednn.Int8Rule} says which of oneDNN's implementations may run. On these stand the
 * kernels: exact ones, where oneDNN stops at the accumulator and Octet's epilogue follows
 * ({@link dev.octet.onednn.IntProduct}), and fused ones, where oneDNN goes all the way
 * ({@link dev.octet.onednn.WholeProduct}) and a result may differ by 1.
 *
 * <p>
 * What is process-wide: the library, never unloaded; its cache of primitives, bounded to 128 unless
 * ONEDNN_PRIMITIVE_CACHE_CAPACITY is set; its limit of instruction sets, the variable ONEDNN_MAX_CPU_ISA,
 * which it reads once and which {@code octet.isa} therefore cannot set. OpenMP's thread count belongs to the
 * calling thread and is given back after each call. Properties: {@code octet.onednn.path} names a directory
 * with the library, {@code octet.onednn.split=true} allows 8-bit products on CPUs without VNNI.
 */
package dev.octet.onednn;

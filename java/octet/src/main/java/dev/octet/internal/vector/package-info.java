/**
 * Engine VECTOR: pure Java, the same integers. Kernels are in {@link dev.octet.internal.vector.products},
 * {@link dev.octet.internal.vector.images} and {@link dev.octet.internal.vector.elements}. Where the module
 * jdk.incubator.vector is there the inner loops are written with it ({@link dev.octet.internal.vector.simd}),
 * else as plain loops that C2 turns into vector instructions ({@link dev.octet.internal.vector.plain}); which
 * of the two, {@link dev.octet.internal.vector.common.Form} decides once a JVM. Both implement the interfaces
 * of {@link dev.octet.internal.vector.loops}, over heap arrays: one kind of memory, so that C2 compiles each
 * loop once and keeps every vector in a register. What a user gives lies anywhere and is copied in tiles;
 * except that element-wise ops and pooling, which do little with each byte, have loops of the Vector API that
 * work on native memory where it is, and heap arrays copied to such for them.
 *
 * <p>
 * Nothing here needs native access, nor native code.
 */
package dev.octet.internal.vector;

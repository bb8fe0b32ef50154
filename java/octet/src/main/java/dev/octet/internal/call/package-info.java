/**
 * A running call, once for all kernels: operands as tiles reach them, how a call is cut, the pools of what
 * calls need for themselves. A kernel extends {@link dev.octet.internal.call.TiledKernel}, keeps a quick path
 * for calls that are over within microseconds, and writes what a tile does.
 */
package dev.octet.internal.call;

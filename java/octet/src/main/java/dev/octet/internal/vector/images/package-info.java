/**
 * Kernels over NHWC images: convolution, depthwise convolution, pooling, concatenation of channels.
 */
package dev.octet.internal.vector.images;

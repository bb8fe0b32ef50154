/** Tables of README and docs, made of kept results: {@code ci/numbers}. */
package dev.octet.bench.numbers;

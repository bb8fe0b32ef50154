#!/usr/bin/env bash
# What: clang 14 does not unroll loops with "#pragma GCC unroll" in an always_inline function that is called twice with
# constants that give the loops their counts; called once it does.
# Version: clang 14.0.6, beside gcc 12.2 (Debian 12), x86-64.
# A reader expects: functions that are always inlined are inlined first, and the pragma then finds a constant count.
# Seen: the lines that the script expects. A tile of 5 and one of 6 rows have 11 multiply-adds by gcc, 2 by clang. It comes to
# the function before its callers, marks the loops as done, and inlines them so. "#pragma clang loop unroll(full)" waits for a
# count; -mllvm -enable-module-inliner inlines before anything is unrolled.
# Why it matters: what the loops run over is to stay in registers, and lies in memory instead: 1.6 to 2.5 times the time of a
# matrix product, without a warning, and right in all that a small example with one call shows.
set -euo pipefail
for tool in gcc clang-14; do
  if ! command -v "$tool" >/dev/null; then
    echo "$tool is not here"
    exit 77
  fi
done
if [ "$(uname -m)" != x86_64 ]; then
  echo "for x86-64"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/tile.c" <<'C'
#include <immintrin.h>

static inline __attribute__((always_inline)) void tile(int rows, const float *left, const float *right, long k,
                                                       float *to) {
  __m256 sums[6];
  _Pragma(UNROLL) for (int r = 0; r < rows; r++) sums[r] = _mm256_loadu_ps(to + 8 * r);
  for (long i = 0; i < k; i++) {
    const __m256 w = _mm256_loadu_ps(right + 8 * i);
    _Pragma(UNROLL) for (int r = 0; r < rows; r++) {
      sums[r] = _mm256_fmadd_ps(_mm256_set1_ps(left[r * k + i]), w, sums[r]);
    }
  }
  _Pragma(UNROLL) for (int r = 0; r < rows; r++) _mm256_storeu_ps(to + 8 * r, sums[r]);
}

void tile_6(const float *left, const float *right, long k, float *to) {
  tile(6, left, right, k, to);
}

#ifdef TWICE
void tile_5(const float *left, const float *right, long k, float *to) {
  tile(5, left, right, k, to);
}
#endif
C
# The multiply-adds in what a compiler makes of it.
count() {
  local name=$1 unroll=$2
  shift 2
  "$@" -O2 -mavx2 -mfma "-DUNROLL=\"$unroll\"" -S -o "$work/tile.s" "$work/tile.c"
  echo "$name: $(grep -c vfmadd "$work/tile.s")"
}
expected='gcc: 11
clang, one call: 6
clang, two calls: 2
clang, two calls, unroll(full): 11
clang, two calls, module inliner: 11'
got=$(count gcc 'GCC unroll 32' gcc -DTWICE
  count 'clang, one call' 'GCC unroll 32' clang-14
  count 'clang, two calls' 'GCC unroll 32' clang-14 -DTWICE
  count 'clang, two calls, unroll(full)' 'clang loop unroll(full)' clang-14 -DTWICE
  count 'clang, two calls, module inliner' 'GCC unroll 32' clang-14 -DTWICE -mllvm -enable-module-inliner)
if [ "$got" != "$expected" ]; then
  printf 'expected:\n%s\ngot:\n%s\n' "$expected" "$got"
  exit 1
fi

#!/usr/bin/env bash
# What: oneDNN's reorder from 8- or 32-bit integers to 4-bit ones succeeds and leaves the destination as it was.
# Version: oneDNN 3.13, in org.bytedeco:dnnl 3.13-1.5.14 (Maven Central), x86-64.
# A reader expects: values in -8..7 come out two to a byte, as they do from F32; or, as for other pairs of types, that no
# such reorder can be created.
# Seen: the lines that the script expects. Of 1,024 bytes filled with 0xAA beforehand a reorder from F32 ("simple:any")
# writes all; those from S8 and S32 ("jit_direct_copy:uni") report success and write none, to S4 and to U4, and what is
# then multiplied is whatever the memory held.
# Why it matters: integers of 4 bits are the weights of matmul with scales per group, and 8-bit integers are what one has
# in hand to make them of; there is no error to notice it by. Go through F32, or pack by hand, the lower index in the low
# four bits.
set -euo pipefail
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "the jar is for Linux on x86-64"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
  -Dartifact=org.bytedeco:dnnl:3.13-1.5.14:jar:linux-x86_64 -DoutputDirectory="$work" >&2
unzip -q -j dnnl-*.jar 'org/bytedeco/dnnl/linux-x86_64/lib*.so*' -d lib
unzip -q dnnl-*.jar 'org/bytedeco/dnnl/linux-x86_64/include/*'
cat >main.cpp <<'C'
#include <dnnl.hpp>
#include <dnnl_debug.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

using dnnl::memory;
using type = memory::data_type;

int main() {
  constexpr int64_t rows = 64, columns = 32, bytes = rows * columns / 2;
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  for (type from : {type::f32, type::s8, type::s32}) {
    for (type to : {type::s4, type::u4}) {
      memory given({{rows, columns}, from, memory::format_tag::ab}, engine);
      memory packed({{rows, columns}, to, memory::format_tag::ab}, engine);
      auto value = [&](int64_t i) { return static_cast<int>(i * 7 % 16) - (to == type::s4 ? 8 : 0); };
      for (int64_t i = 0; i < rows * columns; i++) {
        void *data = given.get_data_handle();
        if (from == type::f32) {
          static_cast<float *>(data)[i] = static_cast<float>(value(i));
        } else if (from == type::s8) {
          static_cast<int8_t *>(data)[i] = static_cast<int8_t>(value(i));
        } else {
          static_cast<int32_t *>(data)[i] = value(i);
        }
      }
      auto *got = static_cast<uint8_t *>(packed.get_data_handle());
      std::memset(got, 0xaa, bytes);
      dnnl::reorder::primitive_desc descriptor(engine, given.get_desc(), engine, packed.get_desc());
      dnnl::reorder(descriptor).execute(stream, given, packed);
      stream.wait();
      int right = 0, untouched = 0;
      for (int64_t i = 0; i < bytes; i++) {
        right += got[i] == ((value(2 * i) & 15) | (value(2 * i + 1) & 15) << 4);
        untouched += got[i] == 0xaa;
      }
      std::printf("%s to %s, %s: %d right, %d as before\n", dnnl_dt2str(memory::convert_to_c(from)),
                  dnnl_dt2str(memory::convert_to_c(to)), descriptor.impl_info_str(), right,
                  untouched);
    }
  }
}
C
c++ -std=c++17 -O1 -Wall -Wextra -o main main.cpp -I org/bytedeco/dnnl/linux-x86_64/include lib/libdnnl.so.3 \
  lib/libgomp.so.1 -Wl,-rpath,"$work/lib" >&2
./main | tee seen
diff - seen >&2 <<'END'
f32 to s4, simple:any: 1024 right, 0 as before
f32 to u4, simple:any: 1024 right, 0 as before
s8 to s4, jit_direct_copy:uni: 0 right, 1024 as before
s8 to u4, jit_direct_copy:uni: 0 right, 1024 as before
s32 to s4, jit_direct_copy:uni: 0 right, 1024 as before
s32 to u4, jit_direct_copy:uni: 0 right, 1024 as before
END

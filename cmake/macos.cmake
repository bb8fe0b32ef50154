# macOS 12 or later from Linux, by clang, lld and llvm 14 of Debian, without Apple's SDK; the file that includes this one
# says which architecture. Nothing here runs what is built. Packages clang-14, lld-14, llvm-14.

set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_C_COMPILER clang-14)
set(CMAKE_C_COMPILER_TARGET ${OCTET_MACHO_ARCHITECTURE}-apple-macos12)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -fuse-ld=lld)
# Inlined first, then unrolled: by itself clang 14 forgets to unroll loops over registers in functions that are inlined more than
# once (findings/clang-forgets-unroll-where-it-inlines.sh), and keeps the registers in memory. On Linux, with AVX2, products of
# bytes took 1.6 times and those of floats 2.5 times what gcc's code takes, with these flags and those of macos-x86_64.cmake
# 0.98. Loops that say nothing about it stay rolled, which keeps the library small.
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG -fno-unroll-loops -mllvm -enable-module-inliner ${OCTET_INLINING}" CACHE STRING "" FORCE)
foreach(tool AR NM RANLIB STRIP OTOOL INSTALL_NAME_TOOL)
  string(TOLOWER llvm-${tool}-14 name)
  string(REPLACE _ - CMAKE_${tool} ${name})
endforeach()
# Without an SDK no program can be linked.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

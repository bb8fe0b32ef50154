# macOS 12 or later from Linux, by clang, lld and llvm 14 of Debian, without Apple's SDK; the file that includes this one
# says which architecture. Nothing here runs what is built. Packages clang-14, lld-14, llvm-14.

set(CMAKE_SYSTEM_NAME Darwin)
include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)
set(CMAKE_C_COMPILER_TARGET ${OCTET_MACHO_ARCHITECTURE}-apple-macos12)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -fuse-ld=lld)
foreach(tool AR NM RANLIB STRIP OTOOL INSTALL_NAME_TOOL)
  string(TOLOWER llvm-${tool}-14 name)
  string(REPLACE _ - CMAKE_${tool} ${name})
endforeach()
# Without an SDK no program can be linked.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

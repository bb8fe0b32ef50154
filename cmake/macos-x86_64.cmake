# macOS on Intel CPUs.
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(OCTET_MACHO_ARCHITECTURE x86_64)
# A product of one row takes 2.6 times where its inner function is not inlined. For Arm, where it makes the library a third larger
# and nothing could be measured, it stays as it is.
set(OCTET_INLINING "-mllvm -inline-threshold=1000")
include(${CMAKE_CURRENT_LIST_DIR}/macos.cmake)

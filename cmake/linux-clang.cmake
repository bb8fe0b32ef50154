# Linux on x86-64, by clang 14 of Debian with the flags of liboctet.dylib, whose tests nothing here can run. Package clang-14.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)

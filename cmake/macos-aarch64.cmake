# macOS on Apple silicon.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(OCTET_MACHO_ARCHITECTURE arm64)
include(${CMAKE_CURRENT_LIST_DIR}/macos.cmake)

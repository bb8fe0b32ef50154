# What every C file is compiled with: warnings are errors, and nothing of a build directory gets into an object.

add_library(octet_warnings INTERFACE)
target_compile_options(
  octet_warnings
  INTERFACE -Wall
            -Wextra
            -Wconversion
            -Wshadow
            -Wundef
            -Wstrict-prototypes
            -Wmissing-prototypes
            -Werror
            -ffile-prefix-map=${CMAKE_SOURCE_DIR}=native)

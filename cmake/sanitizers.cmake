# -DOCTET_SANITIZE=ON: the tests run kernels under AddressSanitizer and UndefinedBehaviorSanitizer (ci/sanitize). The
# shared library is not built then: without a C library there is no sanitizer runtime to link it with.
option(OCTET_SANITIZE "Build the tests with ASan and UBSan" OFF)

add_library(octet_sanitizers INTERFACE)
if(OCTET_SANITIZE)
  target_compile_options(octet_sanitizers INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                                                    -fno-omit-frame-pointer -g)
  target_link_options(octet_sanitizers INTERFACE -fsanitize=address,undefined)
endif()

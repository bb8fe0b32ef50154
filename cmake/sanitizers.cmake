# -DOCTET_SANITIZE=address: the tests run kernels under AddressSanitizer and UndefinedBehaviorSanitizer;
# -DOCTET_SANITIZE=thread: the test of shared plans runs under ThreadSanitizer (ci/sanitize). The shared library is not
# built then: without a C library there is no sanitizer runtime to link it with.
set(OCTET_SANITIZE OFF CACHE STRING "Build the tests with sanitizers: address, thread or OFF")
set_property(CACHE OCTET_SANITIZE PROPERTY STRINGS OFF address thread)

set(OCTET_SANITIZERS_address address,undefined)
set(OCTET_SANITIZERS_thread thread)

add_library(octet_sanitizers INTERFACE)
if(OCTET_SANITIZE)
  set(sanitizers ${OCTET_SANITIZERS_${OCTET_SANITIZE}})
  if(NOT sanitizers)
    message(FATAL_ERROR "OCTET_SANITIZE=${OCTET_SANITIZE}: expected address, thread or OFF")
  endif()
  # -O1: gcc 12 takes 30 s for the unrolled kernels of block formats for 512 bits, 95 s at -O2, more at -O3.
  target_compile_options(octet_sanitizers INTERFACE -fsanitize=${sanitizers} -fno-sanitize-recover=all
                                                    -fno-omit-frame-pointer -g -O1)
  target_link_options(octet_sanitizers INTERFACE -fsanitize=${sanitizers})
endif()

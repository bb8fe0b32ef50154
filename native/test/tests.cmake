# The tests of liboctet; ctest runs them, from Maven too.

# Inside of the library, linked with its objects, because nothing but octet_* is exported: decisions on made-up
# CPUs, and kernels on operands that end at a forbidden page.
set(OCTET_TESTS batch_matmul block_matmul concat conv2d cpu elementwise float_functions group_matmul kernel_numbers kernels matmul pad pool quantize resize sgemm
                threads transpose)
if(OCTET_SANITIZE STREQUAL "thread")
  # The others have one thread each.
  set(OCTET_TESTS threads)
endif()
find_package(Threads REQUIRED)
foreach(name IN LISTS OCTET_TESTS)
  add_executable(${name}_test test/${name}_test.c)
  target_link_libraries(${name}_test PRIVATE octet_objects octet_warnings octet_sanitizers m Threads::Threads)
  # The tests spell out the law, in which nothing is fused unless it says so.
  target_compile_options(${name}_test PRIVATE -ffp-contract=off -D_GNU_SOURCE)
  if(WIN32)
    # The test alone, without a DLL for its threads. isnan(double) of mingw-w64 has a branch for floats.
    target_link_options(${name}_test PRIVATE -static)
    target_compile_options(${name}_test PRIVATE -Wno-float-conversion)
  endif()
  add_test(NAME ${name} COMMAND ${name}_test)
endforeach()

if(OCTET_SANITIZE)
  return()
endif()

# From outside: the header alone, as strict C99, and the library as it is shipped.
add_executable(interface_test test/interface_test.c)
set_target_properties(interface_test PROPERTIES C_STANDARD 99)
target_compile_options(interface_test PRIVATE -pedantic-errors)
target_link_libraries(interface_test PRIVATE octet octet_warnings)
add_test(NAME interface COMMAND interface_test)

# By its path, as Java loads it.
if(NOT WIN32)
  add_executable(load_test test/load_test.c)
  target_include_directories(load_test PRIVATE include)
  target_link_libraries(load_test PRIVATE octet_warnings ${CMAKE_DL_LIBS})
  add_test(NAME load COMMAND load_test $<TARGET_FILE:octet>)
endif()

# For the test of the Java side: the library of a release that does not exist.
add_library(octet_of_another_version SHARED test/another_version.c)
target_include_directories(octet_of_another_version PRIVATE include src)
target_link_libraries(octet_of_another_version PRIVATE octet_warnings)
set_target_properties(octet_of_another_version PROPERTIES OUTPUT_NAME octet LIBRARY_OUTPUT_DIRECTORY another-version
                                                          RUNTIME_OUTPUT_DIRECTORY another-version
                                                          ARCHIVE_OUTPUT_DIRECTORY another-version)

add_test(NAME exports
         COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DREADELF=${CMAKE_READELF} -DOBJDUMP=${CMAKE_OBJDUMP} -DLIBRARY=$<TARGET_FILE:octet>
                 -DHEADER=${CMAKE_CURRENT_SOURCE_DIR}/include/octet.h
                 -DKERNEL_LIST=${CMAKE_CURRENT_SOURCE_DIR}/src/kernel_list.h -DMACHINE=${CMAKE_SYSTEM_PROCESSOR}
                 -P ${CMAKE_CURRENT_SOURCE_DIR}/test/exports_test.cmake)

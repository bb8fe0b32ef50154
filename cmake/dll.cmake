# liboctet.dll, by GCC for mingw-w64: what is another way there than in ELF.
include(${CMAKE_CURRENT_LIST_DIR}/exports.cmake)

# To objects: GCC may take for aligned what lies on the stack, and the stack of Win64 is a multiple of 16 and no more
# (GCC bug 54412). Debian's GCC moves vectors unaligned for that reason (Debian bug 939559); of any other one the assembler
# writes aligned moves as unaligned ones, which are as fast where the address is aligned. ci/check-dll looks for what is left.
function(octet_dll_objects target)
  target_compile_options(${target} PRIVATE -Wa,-muse-unaligned-vector-move)
endfunction()

# To the library: the functions of octet.h are exported by a list; hidden symbols are not known here, and without a list all
# are exported. No entry point, for nothing is to be done when it is loaded; no time of the build in it. Large frames touch
# their pages in order, which the system asks for: ___chkstk_ms of libgcc, the only thing in it that is linked.
function(octet_dll target header)
  octet_declared_functions(${header} functions)
  list(JOIN functions "\n" lines)
  file(CONFIGURE OUTPUT octet.def CONTENT "EXPORTS\n${lines}\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/octet.def)
  target_link_options(${target} PRIVATE -nostdlib -Wl,-e,0 -Wl,--no-insert-timestamp)
  target_link_libraries(${target} PRIVATE gcc)
endfunction()

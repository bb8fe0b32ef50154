# liboctet.dylib: what is another way in Mach-O than in ELF.
include(${CMAKE_CURRENT_LIST_DIR}/exports.cmake)

# The functions of octet.h are exported, by a list. Signed ad hoc, without which no Mac with Apple silicon runs code; lld
# does so by itself for arm64 only.
#
# libSystem, the one library in every process of macOS, is linked although x86-64 uses nothing of it: dyld refuses a library
# that was made for macOS 12 or later and links none (Apple's dyld-941.4, enforceFormat(noLinkedDylibs); since dyld-1284, of
# macOS 15.4, those made for 15.4). libSystem.tbd stands for it, with the names that are used.
function(octet_dylib target header)
  octet_declared_functions(${header} functions)
  list(TRANSFORM functions PREPEND _)
  list(JOIN functions "\n" lines)
  set(exports ${CMAKE_CURRENT_BINARY_DIR}/octet.exports)
  file(CONFIGURE OUTPUT ${exports} CONTENT "${lines}\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  set(libsystem ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/libSystem.tbd)
  target_link_options(${target} PRIVATE -nostdlib -Wl,-adhoc_codesign -Wl,-exported_symbols_list,${exports})
  # CMake takes @rpath for unknown where it does not run on a Mac, and names the library by its place on this machine.
  set_property(TARGET ${target} PROPERTY NO_SONAME ON)
  target_link_options(${target} PRIVATE -Wl,-install_name,@rpath/liboctet.dylib)
  target_link_libraries(${target} PRIVATE ${libsystem})
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${exports} ${libsystem})
endfunction()

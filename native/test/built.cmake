# The objects and the library of another build, where the tests alone are compiled.

file(GLOB OCTET_OBJECTS ${OCTET_BUILT}/CMakeFiles/octet_objects.dir/src/*.o)
if(NOT OCTET_OBJECTS OR NOT EXISTS ${OCTET_BUILT}/liboctet.so)
  message(FATAL_ERROR "OCTET_BUILT: expected a folder in which liboctet was built, got ${OCTET_BUILT}")
endif()

add_library(octet_objects INTERFACE)
target_include_directories(octet_objects INTERFACE include src)
target_link_libraries(octet_objects INTERFACE ${OCTET_OBJECTS})

add_library(octet SHARED IMPORTED)
set_target_properties(octet PROPERTIES IMPORTED_LOCATION ${OCTET_BUILT}/liboctet.so
                                       INTERFACE_INCLUDE_DIRECTORIES ${CMAKE_CURRENT_SOURCE_DIR}/include)

# The library exports exactly the functions of octet.h, holds exactly the kernels of kernel_list.h, and needs no other
# library.

file(READ ${HEADER} text)
string(REGEX REPLACE "/\\*[^*]*\\*+([^/*][^*]*\\*+)*/" "" text "${text}")
string(REGEX MATCHALL "octet_[a-z0-9_]+\\(" declared "${text}")
list(TRANSFORM declared REPLACE "\\(" "")
list(SORT declared)

execute_process(COMMAND ${NM} -D --defined-only ${LIBRARY} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+\n" exported "${symbols}")
list(TRANSFORM exported STRIP)
list(SORT exported)

if(NOT declared OR NOT "${declared}" STREQUAL "${exported}")
  message(FATAL_ERROR "declared: ${declared}\nexported: ${exported}")
endif()

execute_process(COMMAND ${READELF} -d ${LIBRARY} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
if(dynamic MATCHES "NEEDED[^\n]*")
  message(FATAL_ERROR "needs another library: ${CMAKE_MATCH_0}")
endif()

# Kernels are hidden: local symbols with the name of an instruction set at the end. Those of the list are in lines that
# begin with X, for every architecture, or with the name of the library's own.
if(MACHINE MATCHES "^(x86_64|AMD64)$")
  set(own X86)
elseif(MACHINE STREQUAL "aarch64")
  set(own ARM)
else()
  set(own "no name")
endif()
file(READ ${KERNEL_LIST} text)
string(REGEX MATCHALL " (X|${own})\\([a-z0-9_]+, octet_[a-z0-9_]+__[a-z0-9]+\\)" lines "${text}")
string(REGEX MATCHALL "octet_[a-z0-9_]+__[a-z0-9]+" listed "${lines}")
list(SORT listed)
execute_process(COMMAND ${NM} --defined-only ${LIBRARY} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "octet_[a-z0-9_]+__[a-z0-9]+\n" held "${symbols}")
list(TRANSFORM held STRIP)
list(SORT held)
if(NOT "${listed}" STREQUAL "${held}")
  message(FATAL_ERROR "kernels in the list: ${listed}\nkernels in the library: ${held}")
endif()

# The functions of a header, sorted: what the library exports (native/test/exports_test.cmake).
function(octet_declared_functions header result)
  file(READ ${header} text)
  string(REGEX REPLACE "/\\*[^*]*\\*+([^/*][^*]*\\*+)*/" "" text "${text}")
  string(REGEX MATCHALL "octet_[a-z0-9_]+\\(" declared "${text}")
  list(TRANSFORM declared REPLACE "\\(" "")
  list(SORT declared)
  set(${result} "${declared}" PARENT_SCOPE)
endfunction()

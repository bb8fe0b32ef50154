# The suffix of a kernel's file is its instruction set, and the only thing that decides it: src/matmul__avx2.c is
# compiled with the flags of avx2, src/matmul.c with none. Everything else stays at the baseline of the platform.

set(OCTET_ISA_baseline "")
set(OCTET_ISA_avx2 -mavx2 -mfma -mf16c)
set(OCTET_ISA_avxvnni ${OCTET_ISA_avx2} -mavxvnni)
set(OCTET_ISA_avx512vnni ${OCTET_ISA_avx2} -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni
                         -mprefer-vector-width=512)
set(OCTET_ISA_avx512vbmi ${OCTET_ISA_avx512vnni} -mavx512vbmi)

# 64-bit Arm: every CPU has NEON. Scheduled before registers are given out, the loads of several steps come together and
# 15 of the 24 sums of a tile are spilled (gcc 12); in the order of the source none is.
set(OCTET_ISA_neon $<$<C_COMPILER_ID:GNU>:-fno-schedule-insns>)
set(OCTET_ISA_dotprod -march=armv8.2-a+dotprod ${OCTET_ISA_neon})
set(OCTET_ISA_i8mm -march=armv8.2-a+dotprod+i8mm ${OCTET_ISA_neon})

function(octet_isa_flags)
  foreach(source IN LISTS ARGN)
    if(source MATCHES "__([a-z0-9]+)\\.c$")
      if(NOT DEFINED OCTET_ISA_${CMAKE_MATCH_1})
        message(FATAL_ERROR "${source}: no instruction set is named ${CMAKE_MATCH_1}, see cmake/isa.cmake")
      endif()
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${OCTET_ISA_${CMAKE_MATCH_1}}")
    endif()
  endforeach()
endfunction()

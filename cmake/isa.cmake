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

# Kernels of these families are written in intrinsics: on the x86-64 tiers -O3 adds 0.4 MB of peeled, unswitched and cloned
# loops to them, and no speed (gcc 12, each by turns). Their few plain loops are to become vectors where that pays, not
# only where it is for nothing: convolution would take 1.2 to 2 times as long. The other families are such loops: with -O2
# layer norm takes 1.26 times as long, a linear resize 1.5, a transposition 4.7.
set(OCTET_O2 -O2 -fvect-cost-model=dynamic)
set(OCTET_O2_FAMILIES conv2d group_dynamic matmul weight_only)
# Not for avx2, where 4 rows of NVFP4 would take 1.2 times as long.
set(OCTET_O2_FILES block_weight_only__avx512vnni)
# A quarter of the size, and as fast but for products of 32 elements to F32: 1.2 times as long.
set(OCTET_NO_UNSWITCH_FILES matmul__baseline)

function(octet_isa_flags)
  # Not under sanitizers, whose -O1 they would replace (sanitizers.cmake).
  set(release "$<$<AND:$<CONFIG:Release>,$<C_COMPILER_ID:GNU>,$<NOT:$<BOOL:${OCTET_SANITIZE}>>>")
  foreach(source IN LISTS ARGN)
    if(source MATCHES "__([a-z0-9]+)\\.c$")
      if(NOT DEFINED OCTET_ISA_${CMAKE_MATCH_1})
        message(FATAL_ERROR "${source}: no instruction set is named ${CMAKE_MATCH_1}, see cmake/isa.cmake")
      endif()
      set(isa ${CMAKE_MATCH_1})
      set(options ${OCTET_ISA_${isa}})
      get_filename_component(name ${source} NAME_WE)
      string(REGEX REPLACE "__.*" "" family ${name})
      if(name IN_LIST OCTET_O2_FILES OR (isa MATCHES "^avx" AND family IN_LIST OCTET_O2_FAMILIES))
        list(APPEND options "${release}:${OCTET_O2}>")
      endif()
      if(name IN_LIST OCTET_NO_UNSWITCH_FILES)
        list(APPEND options "${release}:-fno-unswitch-loops>")
      endif()
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${options}")
    endif()
  endforeach()
endfunction()

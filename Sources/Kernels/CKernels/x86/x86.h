// Intrinsics, and the instruction sets that the functions of a file are compiled for.
#ifndef EGG_X86_H
#define EGG_X86_H

#if defined(EGG_EMULATED_X86)
// Scripts/check-kernels compiles the same sources with the intrinsics in plain C, for machines
// without these instructions.
#include EGG_EMULATED_X86
#define EGG_TARGET_BEGIN(features)
#define EGG_TARGET_END
#define EGG_HIDE_VECTOR(v) (void)(v)
#else
#include <immintrin.h>
#define EGG_PRAGMA(text) _Pragma(#text)
#define EGG_TARGET_BEGIN(features) \
    EGG_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define EGG_TARGET_END EGG_PRAGMA(clang attribute pop)
/// Hides from the compiler what a vector holds.
#define EGG_HIDE_VECTOR(v) __asm__("" : "+v"(v))
#endif

#define EGG_AVXVNNI "avx2,bmi,bmi2,lzcnt,avxvnni"
#define EGG_AVX512 \
    "avx2,bmi,bmi2,lzcnt,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"
#define EGG_AMX EGG_AVX512 ",amx-tile,amx-int8"

#define EGG_INLINE static inline __attribute__((always_inline))

#endif

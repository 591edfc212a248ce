// Intrinsics, and the instruction sets that the units of x86-64 are compiled for.
#ifndef EGG_X86_H
#define EGG_X86_H

#include <string.h>

#include "../portable/rows.h"
#include "../portable/unit.h"

#if defined(EGG_EMULATED_X86)
// Scripts/check-kernels compiles the same sources with the intrinsics in plain C, for machines
// without these instructions.
#include EGG_EMULATED_X86
#define EGG_HIDE_VECTOR(v) (void)(v)
#else
#include <immintrin.h>
/// Hides from the compiler what a vector holds.
#define EGG_HIDE_VECTOR(v) __asm__("" : "+v"(v))
#endif

#define EGG_AVX2 "avx2,bmi,bmi2,lzcnt"
#define EGG_AVXVNNI EGG_AVX2 ",avxvnni"
#define EGG_AVX512 EGG_AVX2 ",avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"
#define EGG_AMX EGG_AVX512 ",amx-tile,amx-int8"

#endif

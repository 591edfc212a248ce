// What the files of a unit, the code of one kernel, need of the preprocessor and the compiler: names,
// lists of functions, inlining and the instruction set.
#ifndef EGG_UNIT_H
#define EGG_UNIT_H

#include "egg_kernels.h"

// MARK: names

#define EGG_PASTE(unit, function) unit##_##function
#define EGG_JOIN(unit, function) EGG_PASTE(unit, function)

/// The name of a function that several units compile: with the prefix EGG_UNIT, which the file defines.
#define EGG_NAME(function) EGG_JOIN(EGG_UNIT, function)

/// The same for a plain loop (loops.h), beside which the unit may have a faster form.
#define EGG_LOOP(function) EGG_NAME(loop_##function)

// MARK: tables

// A list of functions is a macro that applies F to each as F(unit, function). With these for F it declares
// them, with the types that egg_kernel has for them, or makes them members of a table. A table takes one
// list after another, and where two have a function, the later one counts.

#define EGG_DECLARATION(unit, function) \
    extern __typeof__(*((const egg_kernel *)NULL)->function) EGG_JOIN(unit, function);
#define EGG_MEMBER(unit, function) .function = EGG_JOIN(unit, function),

// MARK: code

#define EGG_INLINE static inline __attribute__((always_inline))

/// Functions from EGG_TARGET_BEGIN to EGG_TARGET_END may use the instructions of these features.
#if defined(EGG_EMULATED_X86)
#define EGG_TARGET_BEGIN(features)
#define EGG_TARGET_END
#else
#define EGG_PRAGMA(text) _Pragma(#text)
#define EGG_TARGET_BEGIN(features) \
    EGG_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define EGG_TARGET_END EGG_PRAGMA(clang attribute pop)
#endif

#endif

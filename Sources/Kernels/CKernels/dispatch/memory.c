// The heap, and the limits on memory.
#define _GNU_SOURCE  // anonymous memory and large pages

#include "egg_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void egg_share_heap(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 1);
#endif
}

static uint64_t soft_limit(int got, const struct rlimit *limit) {
    return got != 0 || limit->rlim_cur == RLIM_INFINITY ? UINT64_MAX : (uint64_t)limit->rlim_cur;
}

uint64_t egg_address_space_limit(void) {
    struct rlimit limit;
    int got = getrlimit(RLIMIT_AS, &limit);
    return soft_limit(got, &limit);
}

uint64_t egg_data_limit(void) {
    struct rlimit limit;
    int got = getrlimit(RLIMIT_DATA, &limit);
    return soft_limit(got, &limit);
}

void *egg_map_zeros(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
#if defined(MADV_HUGEPAGE)
    // Rows are read in no order: large pages spare most of the walks through page tables.
    madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}

void egg_clear(void *memory, size_t bytes) {
#if defined(__linux__)
    // Private memory without a file behind it reads as zeros after this; other systems do not promise it.
    if (madvise(memory, bytes, MADV_DONTNEED) == 0) return;
#endif
    memset(memory, 0, bytes);
}

void egg_unmap(void *memory, size_t bytes) { munmap(memory, bytes); }

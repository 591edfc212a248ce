#ifndef EGG_MEMORY_H
#define EGG_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/// Lets all threads take memory from one heap, where the C library would give each its own and map 64 MiB for it.
/// Of use before there are threads.
void egg_share_heap(void);

/// The limits of this process on all that is mapped (RLIMIT_AS) and on what is mapped to be written to
/// (RLIMIT_DATA), in bytes; UINT64_MAX for none.
uint64_t egg_address_space_limit(void);
uint64_t egg_data_limit(void);

/// Maps memory of zeros, which takes room only where it is written to; NULL where the system refuses.
void *egg_map_zeros(size_t bytes);
/// Makes memory that egg_map_zeros gave zeros again, and gives back the room that it took.
void egg_clear(void *memory, size_t bytes);
void egg_unmap(void *memory, size_t bytes);

#endif

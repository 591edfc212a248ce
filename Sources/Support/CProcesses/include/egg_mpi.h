// Collectives of MPI_COMM_WORLD, whose names are macros that Swift cannot import. Empty unless the package's
// trait MPI is on. Errors of MPI end all processes with MPI's own message (MPI_ERRORS_ARE_FATAL).
#ifndef EGG_MPI_H
#define EGG_MPI_H

#include <stdint.h>

// Joins the job; from the thread that makes all other calls.
void egg_mpi_start(void);
// Writes out standard output, waits for the other processes and leaves the job.
void egg_mpi_finish(void);
// Ends all processes of the job.
_Noreturn void egg_mpi_abort(int32_t code);

int32_t egg_mpi_rank(void);
int32_t egg_mpi_count(void);
// The name of the machine, at most 255 bytes and a 0.
void egg_mpi_host(char name[256]);

// `whole` gets the parts of all processes in the order of rank, sizes[r] bytes from rank r: below 2^31 in all.
// `starts[r]` is where the part of rank r begins.
void egg_mpi_all_gather(
    const uint8_t *part, uint8_t *whole, const int32_t *sizes, const int32_t *starts);
// Sends `count` bytes to another process, which calls egg_mpi_receive with the same count.
void egg_mpi_send(const uint8_t *bytes, int64_t count, int32_t to);
void egg_mpi_receive(uint8_t *bytes, int64_t count, int32_t from);
// Gives all processes the bytes of rank 0.
void egg_mpi_broadcast(uint8_t *bytes, int64_t count);
// Gives all processes the sums, which must not pass 32 bits in any order.
void egg_mpi_sum(int32_t *values, int64_t count);

#endif

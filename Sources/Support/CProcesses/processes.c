#include "egg_mpi.h"

#ifdef EGG_MPI

#include <mpi.h>
#include <stdio.h>
#include <string.h>

// Counts of MPI are int: longer arrays go in parts.
static const int64_t part_size = INT64_C(1) << 28;
static const int tag = 7;

static int next_part(int64_t left) { return (int)(left < part_size ? left : part_size); }

void egg_mpi_start(void) {
    int provided = 0;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
}

void egg_mpi_finish(void) {
    // Where a process ends with a code other than 0, the launcher ends the others at once: what they have
    // to say must be out before any of them leaves.
    fflush(NULL);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
}

_Noreturn void egg_mpi_abort(int32_t code) {
    MPI_Abort(MPI_COMM_WORLD, code);
    __builtin_trap();  // MPI_Abort does not return
}

int32_t egg_mpi_rank(void) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

int32_t egg_mpi_count(void) {
    int count = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    return count;
}

void egg_mpi_host(char name[256]) {
    char text[MPI_MAX_PROCESSOR_NAME + 1] = {0};
    int length = 0;
    MPI_Get_processor_name(text, &length);
    strncpy(name, text, 255);
    name[255] = 0;
}

void egg_mpi_all_gather(
    const uint8_t *part, uint8_t *whole, const int32_t *sizes, const int32_t *starts) {
    MPI_Allgatherv(part, sizes[egg_mpi_rank()], MPI_BYTE, whole, sizes, starts, MPI_BYTE,
                   MPI_COMM_WORLD);
}

void egg_mpi_send(const uint8_t *bytes, int64_t count, int32_t to) {
    for (int64_t done = 0; done < count; done += part_size) {
        MPI_Send(bytes + done, next_part(count - done), MPI_BYTE, to, tag, MPI_COMM_WORLD);
    }
}

void egg_mpi_receive(uint8_t *bytes, int64_t count, int32_t from) {
    for (int64_t done = 0; done < count; done += part_size) {
        MPI_Recv(bytes + done, next_part(count - done), MPI_BYTE, from, tag, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    }
}

void egg_mpi_broadcast(uint8_t *bytes, int64_t count) {
    for (int64_t done = 0; done < count; done += part_size) {
        MPI_Bcast(bytes + done, next_part(count - done), MPI_BYTE, 0, MPI_COMM_WORLD);
    }
}

void egg_mpi_sum(int32_t *values, int64_t count) {
    for (int64_t done = 0; done < count; done += part_size) {
        MPI_Allreduce(MPI_IN_PLACE, values + done, next_part(count - done), MPI_INT32_T, MPI_SUM,
                      MPI_COMM_WORLD);
    }
}

#else

// A translation unit holds at least one declaration.
typedef int egg_mpi_is_off;

#endif

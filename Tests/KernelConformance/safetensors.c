#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "egg_kernels.h"

static void stop(const char *path, const char *finding) {
    fprintf(stderr, "error: %s: %s; restore it from the repository\n", path, finding);
    exit(1);
}

void *aligned_zeros(size_t bytes) {
    size_t whole = (bytes + EGG_ALIGNMENT - 1) / EGG_ALIGNMENT * EGG_ALIGNMENT;
    void *memory = aligned_alloc(EGG_ALIGNMENT, whole == 0 ? EGG_ALIGNMENT : whole);
    if (memory == NULL) stop("memory", "there is not enough");
    return memset(memory, 0, whole);
}

bool read_safetensors(const char *path, safetensors *file) {
    enum { most = 1 << 26 };
    memset(file, 0, sizeof *file);
    file->path = path;
    FILE *input = fopen(path, "rb");
    uint64_t header_bytes = 0;
    bool read = input != NULL && fread(&header_bytes, 8, 1, input) == 1 && header_bytes < most;
    if (read) {
        file->header = aligned_zeros(header_bytes + 1);
        file->data = aligned_zeros(most);
        read = fread(file->header, 1, header_bytes, input) == header_bytes;
        file->data_bytes = fread(file->data, 1, most, input);
    }
    if (!read) fprintf(stderr, "error: %s: no safetensors file\n", path);
    if (input != NULL) fclose(input);
    return read;
}

void close_safetensors(safetensors *file) {
    free(file->header);
    free(file->data);
}

/// What follows `"name":` in the header.
static const char *find(const safetensors *file, const char *name) {
    char key[80];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(file->header, key);
    if (found == NULL) stop(file->path, key);
    return found + strlen(key);
}

void *copy_tensor(const safetensors *file, const char *name, size_t bytes) {
    unsigned long long first = 0, last = 0;
    const char *offsets = strstr(find(file, name), "\"data_offsets\":");
    if (offsets == NULL || sscanf(offsets, "\"data_offsets\":[%llu,%llu]", &first, &last) != 2 ||
        first > last || last > file->data_bytes || last - first != bytes)
        stop(file->path, name);
    return memcpy(aligned_zeros(bytes), file->data + first, bytes);
}

int32_t metadata_number(const safetensors *file, const char *name) {
    int32_t value = 0;
    if (sscanf(find(file, name), "\"%d\"", &value) != 1) stop(file->path, name);
    return value;
}

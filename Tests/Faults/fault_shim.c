// Makes one call of a system function fail, or all calls from one on: loaded with LD_PRELOAD by Scripts/fault-test.
// Only calls on files below a directory count, so that the number of a call is the same in every run.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static int is_below_root(const char *path) {
    const char *root = setting("EGG_FAULT_ROOT");
    return path && *root && strncmp(path, root, strlen(root)) == 0;
}

static int is_file_below_root(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count < 0) return 0;
    path[count] = 0;
    return is_below_root(path);
}

// Whether this call of `function` is to fail; sets errno. The first one leaves a file that says so.
static int fails(const char *function, int counts) {
    if (!counts || strcmp(function, setting("EGG_FAULT_CALL")) != 0) return 0;
    long number = atomic_fetch_add(&calls, 1) + 1;
    long first = atol(setting("EGG_FAULT_NUMBER"));
    if (number < first || (number > first && *setting("EGG_FAULT_ONWARD") == 0)) return 0;
    if (number == first) {
        // Not by open(), which would count.
        long marker = syscall(SYS_openat, AT_FDCWD, setting("EGG_FAULT_MARKER"),
                              O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (marker >= 0) syscall(SYS_close, (int)marker);
    }
    errno = atoi(setting("EGG_FAULT_ERRNO"));
    return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                                \
    int name(const char *path, int flags, ...) {                  \
        va_list arguments;                                        \
        va_start(arguments, flags);                               \
        mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0; \
        va_end(arguments);                                        \
        if (fails("open", is_below_root(path))) return -1;        \
        return NEXT(name)(path, flags, mode);                     \
    }
OPEN(open)
OPEN(open64)

ssize_t read(int descriptor, void *buffer, size_t count) {
    if (fails("read", is_file_below_root(descriptor))) return -1;
    return NEXT(read)(descriptor, buffer, count);
}

#define PREAD(name)                                                         \
    ssize_t name(int descriptor, void *buffer, size_t count, off_t offset) { \
        if (fails("read", is_file_below_root(descriptor))) return -1;        \
        return NEXT(name)(descriptor, buffer, count, offset);               \
    }
PREAD(pread)
PREAD(pread64)

// With EGG_FAULT_TEAR the first failing write leaves half of its bytes, as a full disk does.
ssize_t write(int descriptor, const void *buffer, size_t count) {
    long before = atomic_load(&calls);
    if (fails("write", is_file_below_root(descriptor))) {
        int isFirst = before + 1 == atol(setting("EGG_FAULT_NUMBER"));
        if (isFirst && *setting("EGG_FAULT_TEAR") && count > 1)
            return NEXT(write)(descriptor, buffer, count / 2);
        return -1;
    }
    return NEXT(write)(descriptor, buffer, count);
}

#define LSEEK(name)                                                      \
    off_t name(int descriptor, off_t offset, int whence) {               \
        if (fails("lseek", is_file_below_root(descriptor))) return -1;   \
        return NEXT(name)(descriptor, offset, whence);                   \
    }
LSEEK(lseek)
LSEEK(lseek64)

int fsync(int descriptor) {
    return fails("fsync", is_file_below_root(descriptor)) ? -1 : NEXT(fsync)(descriptor);
}

#define TRUNCATE(name)                                                       \
    int name(int descriptor, off_t size) {                                   \
        if (fails("ftruncate", is_file_below_root(descriptor))) return -1;   \
        return NEXT(name)(descriptor, size);                                 \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define STAT(name, type)                                                 \
    int name(const char *path, struct type *status) {                    \
        if (fails(STAT_NAME(name), is_below_root(path))) return -1;      \
        return NEXT(name)(path, status);                                 \
    }
#define STAT_NAME(name) (*#name == 'l' ? "lstat" : "stat")
STAT(stat, stat)
STAT(stat64, stat64)
STAT(lstat, stat)
STAT(lstat64, stat64)

#define FSTAT(name, type)                                                \
    int name(int descriptor, struct type *status) {                      \
        if (fails("fstat", is_file_below_root(descriptor))) return -1;   \
        return NEXT(name)(descriptor, status);                           \
    }
FSTAT(fstat, stat)
FSTAT(fstat64, stat64)

// As the system does it: closed all the same.
int close(int descriptor) {
    int counts = is_file_below_root(descriptor);
    int result = NEXT(close)(descriptor);
    return fails("close", counts) ? -1 : result;
}

int rename(const char *from, const char *to) {
    return fails("rename", is_below_root(to)) ? -1 : NEXT(rename)(from, to);
}

int mkdir(const char *path, mode_t mode) {
    return fails("mkdir", is_below_root(path)) ? -1 : NEXT(mkdir)(path, mode);
}

int symlink(const char *target, const char *path) {
    return fails("symlink", is_below_root(path)) ? -1 : NEXT(symlink)(target, path);
}

int unlink(const char *path) {
    return fails("unlink", is_below_root(path)) ? -1 : NEXT(unlink)(path);
}

int rmdir(const char *path) {
    return fails("rmdir", is_below_root(path)) ? -1 : NEXT(rmdir)(path);
}

// kernel-conformance: checks every kernel that the machine can run against the portable one.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance.h"
#include "parity.h"

static const char usage[] =
    "usage: kernel-conformance [options]\n"
    "Checks every kernel that this machine can run against the portable one.\n"
    "  --cases N      cases to run (default 6000)\n"
    "  --seed N       seed of their operands (default 1)\n"
    "  --case N       this case only\n"
    "  --function F   cases of this function only\n"
    "  --kernel NAME  this kernel only; an error if the machine cannot run it\n"
    "  --refused      also kernels that the machine is said not to run (under emulation)\n"
    "  --digest       print the digest of what the portable kernel wrote, and nothing else\n"
    "  --mutants      check instead that kernels with mistakes are found\n"
    "  --parity FILE  check instead that kernels give the numbers of this parity file; may repeat\n"
    "  --list         print the kernels and why some are refused\n";

enum { most_files = 16 };

typedef struct {
    int64_t cases, only;
    const char *files[most_files];
    int32_t file_count;
    uint64_t seed;
    const char *kernel, *function;
    bool refused, digest, mutants, list;
} options;

static void stop(const char *what, const char *why) {
    fprintf(stderr, "error: %s: %s\n", what, why);
    exit(64);
}

static int64_t number(const char *option, const char *text) {
    char *end = NULL;
    long long value = text == NULL ? -1 : strtoll(text, &end, 10);
    if (value < 0 || end == text || *end != 0) stop(option, "takes a number, 0 or more");
    return value;
}

static options parse(char **argument) {
    options o = {.cases = 6000, .only = -1, .seed = 1};
    for (argument++; *argument != NULL; argument++) {
        const char *name = *argument;
        if (strcmp(name, "--refused") == 0) o.refused = true;
        else if (strcmp(name, "--digest") == 0) o.digest = true;
        else if (strcmp(name, "--mutants") == 0) o.mutants = true;
        else if (strcmp(name, "--list") == 0) o.list = true;
        else if (strcmp(name, "--help") == 0) exit(fputs(usage, stdout) < 0);
        else if (argument[1] == NULL) stop(name, "unknown, or its value is missing; see --help");
        else if (strcmp(name, "--cases") == 0) o.cases = number(name, *++argument);
        else if (strcmp(name, "--seed") == 0) o.seed = (uint64_t)number(name, *++argument);
        else if (strcmp(name, "--case") == 0) o.only = number(name, *++argument);
        else if (strcmp(name, "--kernel") == 0) o.kernel = *++argument;
        else if (strcmp(name, "--function") == 0) o.function = *++argument;
        else if (strcmp(name, "--parity") == 0 && o.file_count < most_files)
            o.files[o.file_count++] = *++argument;
        else stop(name, "unknown; see --help");
    }
    return o;
}

/// The portable kernel and then those to check.
static int32_t choose(const options *o, const egg_kernel **kernels) {
    int32_t count = 1;
    bool found = o->kernel == NULL;
    kernels[0] = egg_kernel_at(egg_kernel_count - 1);
    for (int32_t i = 0; i < egg_kernel_count; i++) {
        const egg_kernel *kernel = egg_kernel_at(i);
        const char *refusal = egg_kernel_refusal(i);
        if (o->list) printf("%s: %s\n", kernel->name, refusal == NULL ? "available" : refusal);
        if (o->kernel != NULL && strcmp(o->kernel, kernel->name) != 0) continue;
        found = true;
        if (refusal != NULL && !o->refused) {
            if (o->kernel != NULL) stop(kernel->name, refusal);
            continue;
        }
        if (kernel->block_rows + 7 > most_rows) stop(kernel->name, "has larger blocks than cases");
        kernels[count++] = kernel;
    }
    if (!found) stop(o->kernel, "no such kernel; see --list");
    return count;
}

static conformance state;

/// A kernel that leaves its operands, or uses what the processor has not, ends here.
static void report_fault(int number) {
    dprintf(STDERR_FILENO, "error: kernel %s, %s, case %lld of seed %llu (%s): %s\n",
            state.kernel == NULL ? "none" : state.kernel->name, state.function,
            (long long)state.index, (unsigned long long)state.seed, state.operands,
            number == SIGILL ? "unknown instruction" : "left its memory");
    _exit(1);
}

static bool check_files(const options *o, const egg_kernel *const *kernels, int32_t count) {
    bool equal = true;
    for (int32_t i = 1; i < count; i++) {
        bool all = true;
        for (int32_t file = 0; file < o->file_count; file++)
            all = check_parity(o->files[file], kernels[i]) && all;
        if (all) printf("%s: %d parity files\n", kernels[i]->name, o->file_count);
        equal = equal && all;
    }
    return equal;
}

/// Whether the rooflines run and count what they do.
static bool check_rooflines(const egg_kernel *const *kernels, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        int64_t once = kernels[i]->roofline(1), often = kernels[i]->roofline(100);
        if (once > 0 && often == 100 * once) continue;
        fprintf(stderr, "error: kernel %s: roofline: counts %lld for 1 round, %lld for 100\n",
                kernels[i]->name, (long long)once, (long long)often);
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    (void)argc;
    options o = parse(argv);
    const egg_kernel **kernels = calloc((size_t)egg_kernel_count + 1, sizeof *kernels);
    if (kernels == NULL) return 1;
    state = (conformance){.kernels = kernels, .seed = o.seed,
                          .digest = UINT64_C(0xCBF29CE484222325)};
    state.kernel_count = choose(&o, kernels);
    if (o.list) return 0;
    if (o.file_count > 0) return check_files(&o, kernels, state.kernel_count) ? 0 : 1;
    prepare_memory(&state);
    if (o.mutants) return find_mutants(&state, o.cases) ? 0 : 1;
    state.function = "roofline";
    signal(SIGSEGV, report_fault);
    signal(SIGBUS, report_fault);
    signal(SIGILL, report_fault);
    if (o.digest) state.kernel_count = 1;
    if (!check_rooflines(kernels, state.kernel_count)) return 1;
    bool one = o.only >= 0;
    int64_t count = run_cases(&state, one ? o.only : 0, one ? o.only + 1 : o.cases, o.function);
    if (state.failed) {
        fprintf(stderr, "error: %s\n", state.failure);
        return 1;
    }
    if (count == 0) stop("cases", "none of that function; see --help");
    for (int32_t i = 1; i < state.kernel_count; i++)
        printf("%s: %lld cases as the portable kernel\n", kernels[i]->name, (long long)count);
    printf("digest %016llx\n", (unsigned long long)state.digest);
    return 0;
}

#ifndef EGG_KERNELS_H
#define EGG_KERNELS_H
#endif

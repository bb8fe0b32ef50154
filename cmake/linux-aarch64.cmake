# Linux on 64-bit Arm, by Debian's cross compiler; what is built runs in qemu's user mode, on the CPU that QEMU_CPU names
# when it runs, else on one that has everything. Packages gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user-static.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static;-L;/usr/aarch64-linux-gnu)

L0: ld [4]                         ; arch
L1: jeq #0xc00000b7, L2, L8        ; aarch64
L2: ld [0]                         ; nr
L3: jge #451, L4, L5               ; cachestat
L4: ret #0x50026                   ; errno(ENOSYS) [baseline.strait:4]
L5: jeq #117, L8, L6               ; ptrace
L6: jeq #280, L8, L7               ; bpf
L7: ret #0x7fff0000                ; allow [baseline.strait:3]
L8: ret #0x80000000                ; kill_process

 L0: ld [4]                        ; arch
 L1: jeq #0xc00000f3, L2, L9       ; riscv64
 L2: ld [0]                        ; nr
 L3: jge #101, L5, L4              ; nanosleep
 L4: jeq #100, L9, L13             ; get_robust_list
 L5: jge #104, L7, L6              ; kexec_load
 L6: ret #0x50001                  ; errno(EPERM) [numbers.strait:5]
 L7: jge #500, L8, L13
 L8: jeq #500, L9, L10
 L9: ret #0x80000000               ; kill_process
L10: jeq #501, L11, L13
L11: ld [60]                       ; arg5 high [numbers.strait:7]
L12: jset #0xffff, L14, L13        ; [numbers.strait:7]
L13: ret #0x7fff0000               ; allow [numbers.strait:3]
L14: ret #0x50002                  ; errno(ENOENT) [numbers.strait:7]

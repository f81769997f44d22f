 L0: ld [4]                        ; arch
 L1: jeq #0xc00000b7, L2, L12      ; aarch64
 L2: ld [0]                        ; nr
 L3: jge #65, L12, L4              ; readv
 L4: jge #63, L7, L5               ; read
 L5: jeq #23, L11, L6              ; dup
 L6: jeq #57, L11, L12             ; close
 L7: ld [16]                       ; arg0 low [definitions.strait:8]
 L8: jge #19, L9, L10              ; [definitions.strait:8]
 L9: jge #21, L12, L11             ; [definitions.strait:8]
L10: jge #2, L12, L11              ; [definitions.strait:8]
L11: ret #0x7fff0000               ; allow
L12: ret #0x80000000               ; kill_process

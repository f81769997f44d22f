jeq #1, yes, no
yes: ret #0
jmp nowhere

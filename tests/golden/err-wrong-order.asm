; golden: eval --order=big FILE 'arch=x86_64 read(0)'
ret #0

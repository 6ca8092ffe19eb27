# A C project by make -j4 with the compiler of this machine: prints the hash of what comes out.
cd $(mktemp -d)
cp $1/* .
make -s -j4
sha256sum < prog
./prog

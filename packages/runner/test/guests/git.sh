# git with fixed names and dates: the objects are the same everywhere.
set -e
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE=2024-01-01T00:00:00Z GIT_COMMITTER_DATE=2024-01-01T00:00:00Z GIT_CONFIG_NOSYSTEM=1
export HOME=$(mktemp -d)
cd $HOME
git init -q -b main .
seq 1 100 > f; echo x > g; git add f g; git commit -qm one
seq 1 200 > f; git commit -qam two
git log --oneline
git diff HEAD~1 --stat
git gc -q
git fsck 2>&1
git rev-parse HEAD
git checkout -q -b other; echo y >> g; git commit -qam three
git log --graph --oneline --all
git status --short
rm -rf $HOME

# Two and more processes write to one database.
cd $(mktemp -d)
sqlite3 d.db 'create table t(a)'
for i in 1 2 3 4 5 6; do sqlite3 -cmd '.timeout 5000' d.db "insert into t values($i)" & done
wait
sqlite3 d.db 'select sum(a), count(*) from t'

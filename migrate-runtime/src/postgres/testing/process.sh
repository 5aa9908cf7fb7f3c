# Starts a PostgreSQL server in a folder, and keeps it for as long as a process holds
# the other end of standard input. Whatever ends that process, the pipe closes, and the
# server and its folder go. Being the parent of the server, this shell knows that the
# number that it signals is still that of the server.

trap '' HUP PIPE
PATH=$PATH:/usr/bin:/bin
folder=$1
bin=$2

failed() {
    echo failed
    read -r _
    rm -rf "$folder"
    exit 1
}

"$bin/initdb" --pgdata "$folder/data" --username postgres --auth=trust --encoding=UTF8 \
    --no-locale --no-sync </dev/null >"$folder/log" 2>&1 || failed
"$bin/postgres" -D "$folder/data" -k "$folder" -h '' -p 5432 -c fsync=off \
    -c full_page_writes=off -c synchronous_commit=off -c max_connections=200 \
    -c shared_buffers=32MB </dev/null >>"$folder/log" 2>&1 &
server=$!

tries=0
while ! grep -q '^ready' "$folder/data/postmaster.pid" 2>/dev/null; do
    # `jobs` has the shell notice a child that has ended.
    jobs >/dev/null 2>&1
    kill -0 "$server" 2>/dev/null || failed
    tries=$((tries + 1))
    [ "$tries" -lt 1200 ] || { kill -QUIT "$server"; wait "$server"; failed; }
    sleep 0.05
done
echo ready
read -r _
kill -QUIT "$server"
wait "$server"
rm -rf "$folder"

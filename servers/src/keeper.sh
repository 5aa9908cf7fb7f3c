# Keeps one server and its folder, for as long as a process holds the other end
# of standard input. Whatever ends that process, the pipe closes and the loop
# below ends. Being the parent of the server, this shell knows that the number
# it signals is still that of the server.

trap '' HUP PIPE
folder=$1
server=

# Runs a command to its end.
once() {
    "$@" </dev/null >>"$folder/log" 2>&1
}

start() {
    "$@" </dev/null >>"$folder/log" 2>&1 &
    server=$!
}

# `jobs` has the shell notice what has ended: a dead child that was not waited
# for can still be signaled.
alive() {
    jobs >/dev/null 2>&1
    [ -n "$server" ] || return 1
    kill -0 "$server" 2>/dev/null || { server=; return 1; }
}

stop() {
    alive || return 0
    kill -"$1" "$server"
    wait "$server"
    server=
    return 0
}

# Prints the children of the server. Its processes lead a group each, so that
# there is no group to kill.
children() {
    if [ -r /proc/self/stat ]; then
        for stat in /proc/[0-9]*/stat; do
            read -r child _ state parent _ 2>/dev/null <"$stat" || continue
            [ "$parent" = "$server" ] && [ "$state" != Z ] && echo "$child"
        done
    else
        pgrep -P "$server"
    fi
}

# The power cord: all processes of the server at once, and waits until they are
# gone. The server is stopped first, so that no child comes after the list.
crash() {
    alive || return 0
    kill -STOP "$server"
    victims=$(children)
    kill -KILL "$server" $victims
    wait "$server"
    server=
    for victim in $victims; do
        tries=0
        while kill -0 "$victim" 2>/dev/null && [ "$tries" -lt 200 ]; do
            read -r _ _ state _ 2>/dev/null <"/proc/$victim/stat" || break
            [ "$state" = Z ] && break
            tries=$((tries + 1))
            sleep 0.01
        done
    done
    return 0
}

while IFS= read -r command; do
    eval "$command"
    echo "$?"
done
stop "${2:-QUIT}"
rm -rf "$folder"

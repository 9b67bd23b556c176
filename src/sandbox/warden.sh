# Outlives the program that started it: when that has ended, however it ended, its end of the pipe is closed. Then the server
# is stopped and its directory removed. A line on the pipe says that all is done already.
# $1 is the directory.
if read -r _; then
  exit 0
fi
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
case $pid in
  '' | *[!0-9]*) ;;
  *)
    # First at once, as the data is not needed any more; after five seconds with force. The server takes its file away when it
    # ends; its number may stay for a while where nobody waits for orphans, in many containers for instance.
    kill -QUIT "$pid" 2>/dev/null
    tries=50
    while [ "$tries" -gt 0 ] && [ -e "$1/data/postmaster.pid" ] && kill -0 "$pid" 2>/dev/null; do
      tries=$((tries - 1))
      sleep 0.1
    done
    [ "$tries" -gt 0 ] || kill -KILL "$pid" 2>/dev/null
    ;;
esac
tries=20
while [ "$tries" -gt 0 ] && ! rm -rf -- "$1" 2>/dev/null; do
  tries=$((tries - 1))
  sleep 0.1
done

# SPDX-License-Identifier: Apache-2.0
# Makes and removes pods in a node's network namespace: one line of standard input for each step, one of standard
# output when it is done. Their namespaces go with their holders, and those with this script, however it ends.
#
#   add NAME ADDRESS        a veth pair, its far end in a new namespace; the near end is vethNAME
#   request NAME URL TRACEPARENT    one HTTP request from the pod
#   remove NAME
set -u
declare -A holder
here=$(readlink /proc/self/ns/net)
while read -r step name first second; do
  case $step in
  add)
    setpriv --pdeathsig KILL unshare --net -- sleep infinity </dev/null &
    holder[$name]=$!
    until [ "$(readlink "/proc/$!/ns/net")" != "$here" ]; do sleep 0.002; done
    ip -batch - <<END || { echo "failed add $name"; continue; }
link add veth$name type veth peer name eth0 netns ${holder[$name]}
link set veth$name up
route add $first dev veth$name
END
    echo 1 >"/proc/sys/net/ipv4/conf/veth$name/proxy_arp"
    echo 0 >"/proc/sys/net/ipv4/neigh/veth$name/proxy_delay"
    nsenter --net="/proc/${holder[$name]}/ns/net" ip -batch - <<END || { echo "failed add $name"; continue; }
link set lo up
address add $first/32 dev eth0
link set eth0 up
route add 169.254.1.1 dev eth0
route add default via 169.254.1.1 dev eth0
END
    ;;
  request)
    url=${first#http://}
    place=${url%%/*}
    # env: the printf of bash writes line by line, and a request is to be one segment.
    nsenter --net="/proc/${holder[$name]}/ns/net" bash -c '
      exec 3<>"/dev/tcp/$1/$2" || exit 1
      env printf "GET / HTTP/1.1\r\nHost: pod\r\ntraceparent: %s\r\nConnection: close\r\n\r\n" "$3" >&3
      read -r -t 50 _ status _ <&3
      [ "$status" = 200 ]' request "${place%:*}" "${place#*:}" "$second" || { echo "failed request $name"; continue; }
    ;;
  remove)
    kill -KILL "${holder[$name]}"
    wait "${holder[$name]}" 2>/dev/null
    unset "holder[$name]"
    ;;
  esac
  echo "done $step $name"
done

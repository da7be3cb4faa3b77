#!/bin/sh
# Handler of a watch: writes nginx's upstream of a service from what the agent tells on standard
# input (the answer of /v1/health/service/<name>?passing), and has nginx take it.
#
#   {"watches": [{"type": "service", "service": "hello", "passingonly": true,
#                 "args": ["examples/nginx-upstream.sh", "hello", "/etc/nginx/upstreams/hello.conf",
#                          "nginx", "-s", "reload"]}]}
#
# nginx-upstream.sh NAME FILE RELOAD...
set -eu
name=$1
file=$2
shift 2

# An upstream without a server is an error for nginx: "down" keeps it whole, and answers 502.
jq --raw-output --arg name "$name" '
  def host: if contains(":") then "[" + . + "]" else . end;
  [.[] | "  server \((if .Service.Address == "" then .Node.Address else .Service.Address end)
                     | host):\(.Service.Port) weight=\(.Service.Weights.Passing);"]
  | if length == 0 then ["  server 127.0.0.1:1 down;"] else . end
  | ["upstream \($name) {"] + . + ["}"] | .[]' > "$file.new"
mv "$file.new" "$file"
exec "$@"
